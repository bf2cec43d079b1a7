"""Metric filters in the running emulator: log lines become metrics."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError
from measured import Metrics

from laptop.testing.aws import ROLE, Emulator, unique, zipped


def deploy(emulator: Emulator, group: str, pattern: str, **transformation: Any) -> str:
    """Deploy a log group with a filter; return the stack."""
    transformation = {"MetricName": "Seen", "MetricNamespace": group, "MetricValue": "1", **transformation}
    properties = {
        "LogGroupName": {"Ref": "Lines"},
        "FilterPattern": pattern,
        "MetricTransformations": [transformation],
    }
    return emulator.deploy(
        {
            "Lines": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": group}},
            "Filter": {"Type": "AWS::Logs::MetricFilter", "Properties": properties},
        }
    )


def log(emulator: Emulator, group: str, *lines: Any) -> None:
    logs = emulator.client("logs")
    stream = unique("stream")
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": x if isinstance(x, str) else json.dumps(x)} for x in lines]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def test_every_matching_line_counts(emulator: Emulator) -> None:
    group = unique("lines")
    deploy(emulator, group, "{ $.failed > 0 }", DefaultValue=0)
    log(emulator, group, "fine", {"failed": 1}, {"failed": 2})
    log(emulator, group, {"failed": 0})
    metrics = Metrics(emulator, group)
    assert metrics("Sum", "Seen") == 2
    assert metrics("Minimum", "Seen") == 0


def test_a_value_and_a_dimension_may_come_from_the_line(emulator: Emulator) -> None:
    group = unique("lines")
    dimensions = [{"Key": "Stream", "Value": "$.stream"}]
    deploy(emulator, group, "{ $.sent >= 0 }", MetricValue="$.sent", Unit="Count", Dimensions=dimensions)
    lines = [{"sent": 5, "stream": "clicks"}, {"sent": 7, "stream": "clicks"}, {"sent": 1}, {"other": 1}]
    log(emulator, group, *lines)
    assert Metrics(emulator, group, Stream="clicks")("Sum", "Seen") == 12
    assert Metrics(emulator, group)("Sum", "Seen") is None


def test_output_of_a_function_counts_too(emulator: Emulator) -> None:
    name = unique("function")
    deploy(emulator, f"/aws/lambda/{name}", '{ $.level = "ERROR" }')
    code = """def handler(event, context):\n    print('{"level": "ERROR"}')"""
    emulator.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=ROLE,
        Handler="index.handler",
        Code={"ZipFile": zipped({"index.py": code})},
    )
    emulator.client("lambda").invoke(FunctionName=name)
    assert Metrics(emulator, f"/aws/lambda/{name}")("Sum", "Seen") == 1


def test_an_unsupported_pattern_is_refused(emulator: Emulator) -> None:
    group = unique("lines")
    assert emulator.status(deploy(emulator, group, "ERROR")) == "ROLLBACK_COMPLETE"
    logs = emulator.client("logs")
    logs.create_log_group(logGroupName=group)
    transformation = {"metricName": "Seen", "metricNamespace": "N", "metricValue": "1"}
    with pytest.raises(ClientError, match="supports comparisons of JSON fields"):
        logs.put_metric_filter(
            logGroupName=group,
            filterName="words",
            filterPattern="ERROR",
            metricTransformations=[transformation],
        )
