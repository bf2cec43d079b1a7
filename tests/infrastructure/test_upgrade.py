"""A deployment of the last release is updated by one `cdk deploy --all`, and keeps all that has state."""

from __future__ import annotations

import pytest

from cli.plan.refusals import refusals, replacing
from tests.infrastructure.released import ENVIRONMENTS, Stacks, released, today
from tests.infrastructure.synthesis import Template

Both = tuple[Stacks, Stacks]
"""The released templates, and those of today."""
# What they hold is lost, or shut out, with a replacement: events, load history, keys, addresses that producers know.
STATEFUL = {
    "AWS::S3::Bucket",
    "AWS::Kinesis::Stream",
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::KMS::Key",
    "AWS::IAM::User",
    "AWS::IAM::AccessKey",
    "AWS::SNS::Topic",
    "Custom::SnowflakeTable",
    "Custom::SnowflakePipe",
}


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def both(request: pytest.FixtureRequest) -> Both:
    return released(request.param), today(request.param)


def test_cloudformation_accepts_the_upgrade(both: Both) -> None:
    assert refusals(*both) == []


def test_nothing_with_state_is_removed_or_replaced(both: Both) -> None:
    old, new = both
    lost = {
        f"{stack}: {name}": changed
        for stack, template in old.items()
        for name, resource in template["Resources"].items()
        if resource["Type"] in STATEFUL
        if (changed := _changed(resource, new[stack]["Resources"].get(name)))
    }
    assert lost == {}


def test_custom_resources_keep_their_lambda(both: Both) -> None:
    """CloudFormation refuses another ServiceToken."""
    old, new = both
    for stack, template in old.items():
        for name in template["Resources"].keys() & new[stack]["Resources"].keys():
            before, after = (side[stack]["Resources"][name]["Properties"] for side in both)
            assert before.get("ServiceToken") == after.get("ServiceToken"), f"{stack}: {name}"


def _changed(resource: Template, now: Template | None) -> set[str]:
    if now is None:
        return {"removed"}
    identity = {"Database", "Schema", "Name"} if resource["Type"].startswith("Custom::") else set()
    changed = {name for name in identity if resource["Properties"].get(name) != now["Properties"].get(name)}
    return changed | replacing(resource, now)
