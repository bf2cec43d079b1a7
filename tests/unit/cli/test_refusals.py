"""CloudFormation's rules for changes of deployed stacks."""

from __future__ import annotations

from typing import Any

import pytest

from cli.plan.refusals import refusals

Template = dict[str, Any]


def stream(name: str = "clicks", **properties: Any) -> Template:
    return {"Type": "AWS::Kinesis::Stream", "Properties": {"Name": name, **properties}}


def producing(resource: Template, *, logical_id: str = "Stream", exported: str = "stream") -> Template:
    outputs = {"Out": {"Value": {"Ref": logical_id}, "Export": {"Name": exported}}}
    return {"Resources": {logical_id: resource}, "Outputs": outputs}


def using(*names: str) -> Template:
    watched = [{"Fn::ImportValue": name} for name in names]
    return {"Resources": {"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Dimensions": watched}}}}


NOW = {"Streaming": producing(stream(ShardCount=4)), "Ops": using("stream")}
UNUSED = {"Streaming": NOW["Streaming"], "Ops": using()}


@pytest.mark.parametrize(
    ("now", "streaming", "refusal"),
    [
        pytest.param(NOW, NOW["Streaming"], None, id="unchanged"),
        pytest.param(
            NOW, producing(stream(ShardCount=4, RetentionPeriodHours=48)), None, id="changed in place"
        ),
        pytest.param(
            NOW,
            {"Resources": NOW["Streaming"]["Resources"]},
            "cannot be removed, since Ops imports",
            id="no export",
        ),
        pytest.param(UNUSED, {"Resources": {}}, None, id="an export that none imports"),
        pytest.param(
            NOW,
            producing(stream("others"), logical_id="Other"),
            "cannot be changed, since Ops imports",
            id="export of another resource",
        ),
        pytest.param(NOW, producing(stream("others")), "cannot be changed", id="replaced by another name"),
        pytest.param(UNUSED, producing(stream("others")), None, id="replaced, used by none"),
        pytest.param(
            UNUSED,
            producing(stream(), logical_id="New"),
            "New would be replaced for its logical id",
            id="same name",
        ),
        pytest.param(
            UNUSED, producing(stream(ShardCount=9)), "Stream has 4 shards; one deployment can make it 2 to 8"
        ),
        pytest.param(UNUSED, producing(stream(ShardCount=1)), "not 1", id="less than half"),
        pytest.param(UNUSED, producing(stream(ShardCount=8)), None, id="doubled"),
        pytest.param(UNUSED, producing(stream()), None, id="on demand"),
    ],
)
def test_a_changed_producer(now: dict[str, Template], streaming: Template, refusal: str | None) -> None:
    found = refusals(now, {"Streaming": streaming})
    assert found == [] if refusal is None else refusal in found[0], found


def test_a_resource_that_is_replaced_needs_another_name() -> None:
    old, new = (
        {"Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "reader", "Path": path}}}
        for path in ("/a/", "/b/")
    )
    (refusal,) = refusals({"Access": {"Resources": old}}, {"Access": {"Resources": new}})
    assert refusal == "Access: Role would be replaced for Path, and its name reader is in use"


def test_an_import_needs_its_export_in_an_earlier_stack() -> None:
    assert refusals({}, {"Streaming": NOW["Streaming"], "Ops": NOW["Ops"]}) == []
    assert refusals({}, {"Ops": NOW["Ops"], "Streaming": NOW["Streaming"]}) == [
        "Ops: there is no export stream"
    ]
    assert refusals({}, {"Ops": NOW["Ops"]}, {"stream"}) == [], "another stack of the account exports it"


def test_a_stack_that_is_no_longer_wanted_still_imports() -> None:
    assert refusals(NOW, {"Streaming": {"Resources": {}}})


def test_only_the_first_stack_that_fails_is_told() -> None:
    """CloudFormation does not reach the others."""
    wanted = {"Streaming": {"Resources": {}}, "Ops": using("nothing")}
    assert [refusal.partition(":")[0] for refusal in refusals(NOW, wanted)] == ["Streaming"]
