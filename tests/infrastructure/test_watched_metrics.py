"""Every metric that an alarm or a graph reads is published with that namespace, name and dimensions."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock, patch

import pytest

from clickstream_wire.environment import Gate, Monitor
from clickstream_wire.metrics import LogField, PipeMetric
from config.model import PipelineConfig
from event_gate.tally import Tally as Counts
from pipeline_monitor import canary
from pipeline_monitor.jobs import JOBS
from pipeline_monitor.metrics import publish
from pipeline_monitor.settings import MonitorSettings
from pipeline_monitor.windows import recent_windows
from producer.minutes import MinuteLines
from producer.report import Tally
from tests.infrastructure.synthesis import Pipeline
from tests.infrastructure.test_watchers import CANARY, MONITOR, function
from tests.infrastructure.variants import VARIANTS
from tests.infrastructure.watched import alarms, drawn_metrics, widgets
from tests.unit.pipeline_monitor.fakes import FakeWarehouse, Load, round_of

Variant = Callable[[str], Pipeline]
Metric = tuple[str, str, frozenset[Any]]
"""Namespace, name and dimensions, with the dimensions' values unless the metric is AWS's."""

OURS = "Clickstream"
# https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html
FIREHOSE = {"DeliveryToS3.DataFreshness", "DeliveryToS3.Records", "DeliveryToS3.Success"}
FIREHOSE_BY_SOURCE = {
    "kinesis": {
        "DataReadFromKinesisStream.Bytes",
        "DataReadFromKinesisStream.Records",
        "KinesisMillisBehindLatest",
    },
    "direct_put": {
        "BytesPerSecondLimit",
        "IncomingBytes",
        "IncomingPutRequests",
        "IncomingRecords",
        "PutRequestsPerSecondLimit",
        "RecordsPerSecondLimit",
        "ThrottledRecords",
    },
}
AWS = {
    # https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html
    ("AWS/Kinesis", "StreamName"): {
        "GetRecords.IteratorAgeMilliseconds",
        "IncomingBytes",
        "IncomingRecords",
        "WriteProvisionedThroughputExceeded",
    },
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
    ("AWS/S3", "BucketName", "StorageType"): {"BucketSizeBytes"},
    ("AWS/S3", "BucketName", "FilterId"): {"PutRequests"},
    # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    ("AWS/Lambda", "FunctionName"): {"Duration", "Errors", "Invocations", "Throttles"},
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html
    ("AWS/EC2", "AutoScalingGroupName"): {"CPUUtilization"},
}


@pytest.mark.parametrize("name", VARIANTS)
def test_every_metric_of_alarms_and_graphs_is_published(name: str, variant: Variant) -> None:
    pipeline = variant(name)
    published = by_aws(VARIANTS[name]) | by_the_monitor(pipeline) | by_the_producer(pipeline)
    published |= by_the_gate(pipeline) | by_the_canary(pipeline)
    assert set(watched(pipeline)) - published == set()


def test_the_monitors_metrics_are_the_constructs_metrics(pipeline: Pipeline, variant: Variant) -> None:
    always = set(PipeMetric) - {PipeMetric.NEW_COLUMNS}
    assert {metric for _, metric, _ in by_the_monitor(pipeline)} == always
    assert {metric for _, metric, _ in by_the_monitor(variant("other values"))} == set(PipeMetric)


def watched(pipeline: Pipeline) -> Iterator[Metric]:
    for alarm in alarms(pipeline):
        for metric in alarm.metrics:
            yield as_metric(metric["Namespace"], metric["MetricName"], metric["Dimensions"])
    for widget in widgets(pipeline):
        for namespace, metric_name, dimensions in drawn_metrics(widget):
            yield as_metric(namespace, metric_name, dimensions)


def as_metric(namespace: str, name: str, dimensions: list[dict[str, Any]]) -> Metric:
    named = {dimension["Name"]: dimension["Value"] for dimension in dimensions}
    return namespace, name, frozenset(named.items() if namespace == OURS else named)


def by_aws(config: PipelineConfig) -> set[Metric]:
    firehose = FIREHOSE | FIREHOSE_BY_SOURCE[config.streaming.source]
    table = {**AWS, ("AWS/Firehose", "DeliveryStreamName"): firehose}
    return {(space, name, frozenset(keys)) for (space, *keys), names in table.items() for name in names}


def by_the_monitor(pipeline: Pipeline) -> set[Metric]:
    """Metrics that its jobs publish, with the variables of the template and pipes that give every metric a value."""
    functions = pipeline.resources("Ops", "AWS::Lambda::Function").values()
    if MONITOR not in {each["Properties"]["Handler"] for each in functions}:
        return set()
    variables = function(pipeline, MONITOR)[1]["Environment"]["Variables"]
    settings = MonitorSettings.read({**variables, Monitor.BUCKET: "the name of the imported bucket"})
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    loads = [
        Load(window.start + window.length / 2, canary=window.start)
        for window in recent_windows(now, settings.window)
    ]
    cloudwatch = Published()
    for job in JOBS:
        found = round_of(job, FakeWarehouse(now, loads), *settings.pipes, window=settings.window)
        publish(cloudwatch, found.measures, deployment=settings.deployment, resolution=timedelta(minutes=1))
    return cloudwatch.metrics


class Published:
    """CloudWatch with the one call that the monitor makes."""

    def __init__(self) -> None:
        self.metrics = set[Metric]()

    def put_metric_data(self, **request: Any) -> None:
        self.metrics |= {
            as_metric(request["Namespace"], each["MetricName"], each["Dimensions"])
            for each in request["MetricData"]
        }


def by_the_gate(pipeline: Pipeline) -> set[Metric]:
    """Metrics that CloudWatch extracts from its log lines, with the variables of the template."""
    out = io.StringIO()
    for each in pipeline.resources("Streaming", "AWS::Lambda::Function").values():
        variables = each["Properties"]["Environment"]["Variables"]
        with redirect_stdout(out):
            Counts(variables[Gate.DEPLOYMENT], variables[Gate.EVENTS]).publish()
    return extracted(out.getvalue())


def by_the_canary(pipeline: Pipeline) -> set[Metric]:
    """Metrics that CloudWatch extracts from its log lines, with the variables of the template."""
    functions = pipeline.resources("Ops", "AWS::Lambda::Function").values()
    if CANARY not in {each["Properties"]["Handler"] for each in functions}:
        return set()
    variables = dict(function(pipeline, CANARY)[1]["Environment"]["Variables"])
    parts = variables["CANARY_TARGETS"]["Fn::Join"][1]
    variables["CANARY_TARGETS"] = "".join(part if isinstance(part, str) else "name" for part in parts)
    out = io.StringIO()
    with (
        patch.dict(os.environ, variables),
        patch.object(canary, "_clients", lambda kinds: dict.fromkeys(kinds, Mock())),
        redirect_stdout(out),
    ):
        canary.on_schedule({"time": "2026-11-23T12:00:00Z"}, Mock(aws_request_id="r-1"))
    return extracted(out.getvalue())


def extracted(log: str) -> set[Metric]:
    """The metrics in the lines of a log, in CloudWatch's embedded format."""
    published = set[Metric]()
    for line in map(json.loads, log.splitlines()):
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
            (names,) = directive["Dimensions"]
            dimensions = [{"Name": name, "Value": line[name]} for name in names]
            published |= {
                as_metric(directive["Namespace"], metric["Name"], dimensions)
                for metric in directive["Metrics"]
            }
    return published


def by_the_producer(pipeline: Pipeline) -> set[Metric]:
    """Metrics that CloudWatch extracts from its log lines."""
    if "Producer" not in pipeline.stacks:
        return set()
    made = pipeline.properties("Producer", "AWS::Logs::MetricFilter")
    (counted,) = made["MetricTransformations"]
    line = logged()
    assert isinstance(line[counted["MetricValue"].removeprefix("$.")], int)
    dimensions = [
        {"Name": each["Key"], "Value": line[each["Value"].removeprefix("$.")]}
        for each in counted["Dimensions"]
    ]
    return {as_metric(counted["MetricNamespace"], counted["MetricName"], dimensions)}


def logged() -> dict[str, Any]:
    out = io.StringIO()
    fields: dict[str, str] = {LogField.DEPLOYMENT: "clickstream-test", LogField.EVENTS: "clicks"}
    MinuteLines(out, fields).write_if_due(Tally(sent=1).report(seconds=1))
    line: dict[str, Any] = json.loads(out.getvalue())
    return line
