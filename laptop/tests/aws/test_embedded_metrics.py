"""Log lines in CloudWatch's embedded metric format publish metrics."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from measured import Metrics
from transforming import HANDLER

from laptop.testing.aws import ROLE, Emulator, unique, zipped
from laptop.testing.waiting import eventually

DAY = 24 * 3600.0


def document(namespace: str, *, age: float = 0, **changes: Any) -> dict[str, Any]:
    """A valid document with one metric; `changes` replace members of its directive or of the root."""
    directive = {"Namespace": namespace, "Dimensions": [["kind"]], "Metrics": [{"Name": "events"}]}
    root = {"kind": "clicks", "events": 3}
    directive |= {name: value for name, value in changes.items() if name in directive}
    root |= {name: value for name, value in changes.items() if name not in directive}
    stamp = round((time.time() - age) * 1000)
    return {"_aws": {"Timestamp": stamp, "CloudWatchMetrics": [directive]}, **root}


def log(emulator: Emulator, *lines: str) -> None:
    logs, group = emulator.client("logs"), unique("lines")
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": line} for line in lines]
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)


def test_every_metric_is_published_for_every_set_of_dimensions(emulator: Emulator) -> None:
    namespace = unique("Gate")
    line = document(
        namespace,
        Dimensions=[[], ["kind"], ["kind", "reason"]],
        Metrics=[{"Name": "events", "Unit": "Count", "StorageResolution": 1}, {"Name": "seconds"}],
        reason="drift",
        seconds=[1, 2.5, 4],
        unrelated={"any": None},
    )
    log(emulator, json.dumps(line), json.dumps({**line, "events": 4}))
    for dimensions in ({}, {"kind": "clicks"}, {"kind": "clicks", "reason": "drift"}):
        metrics = Metrics(emulator, namespace, **dimensions)
        assert metrics("Sum", "events") == 7
        assert metrics("Minimum", "events") == 3
        assert metrics("Sum", "seconds") == 15
        assert metrics("Maximum", "seconds") == 4


def test_the_document_has_the_time_of_its_metrics(emulator: Emulator) -> None:
    namespace = unique("Gate")
    log(emulator, json.dumps(document(namespace, age=2 * DAY)))
    assert Metrics(emulator, namespace, kind="clicks")("Sum", "events") is None
    two_days_ago = time.time() - 2 * DAY
    statistics = emulator.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName="events",
        Dimensions=[{"Name": "kind", "Value": "clicks"}],
        StartTime=two_days_ago - 3600,
        EndTime=two_days_ago + 3600,
        Period=7200,
        Statistics=["Sum"],
    )
    assert [point["Sum"] for point in statistics["Datapoints"]] == [3]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"events": "3"}, id="a value that is text"),
        pytest.param({"events": True}, id="a value that is a boolean"),
        pytest.param({"events": [1, None]}, id="a list with another thing"),
        pytest.param({"events": float("inf")}, id="a value that is not finite"),
        pytest.param({"events": [1] * 101}, id="too many values"),
        pytest.param({"Metrics": [{"Name": "events"}, {"Name": "missing"}]}, id="a metric without value"),
        pytest.param({"Metrics": [{"Name": "events", "Unit": "Clicks"}]}, id="an unknown unit"),
        pytest.param({"Metrics": [{"Name": "events"}] * 101}, id="too many metrics"),
        pytest.param({"Metrics": {"Name": "events"}}, id="metrics that are no list"),
        pytest.param({"kind": 1}, id="a dimension that is a number"),
        pytest.param({"kind": ""}, id="an empty dimension"),
        pytest.param({"Dimensions": [["kind"], ["missing"]]}, id="a dimension without value"),
        pytest.param({"Dimensions": ["kind"]}, id="dimensions that are not lists"),
        pytest.param({"Namespace": ""}, id="no namespace"),
        pytest.param({"age": 15 * DAY}, id="too old"),
        pytest.param({"age": -3 * 3600.0}, id="in the future"),
    ],
)
def test_a_document_with_a_mistake_is_only_a_line(emulator: Emulator, changes: dict[str, Any]) -> None:
    namespace = unique("Gate")
    log(emulator, json.dumps(document(namespace, **changes)))
    listed = emulator.client("cloudwatch").list_metrics(Namespace=namespace)["Metrics"]
    assert listed == []


def test_other_lines_publish_nothing_and_do_no_harm(emulator: Emulator) -> None:
    namespace = unique("Gate")
    valid = document(namespace)
    without_time = {**valid, "_aws": {"CloudWatchMetrics": valid["_aws"]["CloudWatchMetrics"]}}
    lines = [
        f"INFO {json.dumps(valid)}",
        json.dumps([valid]),
        '"_aws"',
        '{"_aws": 1}',
        json.dumps(without_time),
    ]
    log(emulator, *lines, json.dumps(valid))
    assert Metrics(emulator, namespace, kind="clicks")("Sum", "events") == 3


@pytest.mark.parametrize("own_group", [False, True])
def test_a_function_publishes_by_printing(emulator: Emulator, own_group: bool) -> None:
    namespace, name = unique("Gate"), unique("gate")
    group = unique("/gate") if own_group else f"/aws/lambda/{name}"
    logs = {"LoggingConfig": {"LogGroup": {"Ref": "Lines"}}} if own_group else {}
    body = f"    print({json.dumps(document(namespace, padding='x' * 20_000))!r})"
    code = zipped({"index.py": HANDLER.format(body=body)})
    bucket = emulator.create_bucket()
    emulator.client("s3").put_object(Bucket=bucket, Key="code.zip", Body=code)
    function = {
        "FunctionName": name,
        "Runtime": "python3.13",
        "Role": ROLE,
        "Handler": "index.handler",
        "Code": {"S3Bucket": bucket, "S3Key": "code.zip"},
        **logs,
    }
    emulator.deploy(
        {
            "Lines": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": group}},
            "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
        }
    )
    emulator.client("lambda").invoke(FunctionName=name, Payload=json.dumps({"records": []}))
    metrics = Metrics(emulator, namespace, kind="clicks")
    eventually(lambda: metrics("Sum", "events") == 3)
    printed = emulator.client("logs").filter_log_events(logGroupName=group)["events"]
    assert any(namespace in event["message"] for event in printed)
