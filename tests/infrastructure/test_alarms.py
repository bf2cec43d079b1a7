"""Every alarm of every environment and option: its metric exists, it notifies a topic, and has a runbook entry."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from config.model import PipelineConfig
from tests.infrastructure.synthesis import Pipeline
from tests.infrastructure.variants import VARIANTS
from tests.infrastructure.watched import TOGETHER, alarm, alarms, topic_of

Variant = Callable[[str], Pipeline]

# The expected table of alarms: severity, and the meaning of a period without a value.
TABLE = {
    "no-data": ("critical", "ignore"),
    "stream-lag": ("critical", "notBreaching"),
    "stream-writes-throttled": ("warning", "notBreaching"),
    "delivery-throttled": ("warning", "notBreaching"),
    "delivery-near-limit": ("warning", "notBreaching"),
    "delivery-success": ("critical", "notBreaching"),
    "delivery-freshness": ("critical", "notBreaching"),
    "delivery-errors": ("warning", "notBreaching"),
    "events-rejected": ("warning", "notBreaching"),
    "gate-failing": ("warning", "notBreaching"),
    "pipe-not-running": ("critical", "ignore"),
    "pending-file-age": ("critical", "ignore"),
    "end-to-end-freshness": ("critical", "ignore"),
    "files-failed": ("warning", "notBreaching"),
    "files-missing": ("warning", "ignore"),
    "rows-rejected": ("warning", "notBreaching"),
    "new-columns": ("warning", "notBreaching"),
    "function-errors": ("warning", "notBreaching"),
}
CRITICAL = {entry for entry, (severity, _) in TABLE.items() if severity == "critical"}
RESOURCE_OF_DIMENSION = {
    "DeliveryStreamName": "AWS::KinesisFirehose::DeliveryStream",
    "StreamName": "AWS::Kinesis::Stream",
    "FunctionName": "AWS::Lambda::Function",
    "BucketName": "AWS::S3::Bucket",
}


def entries_of(config: PipelineConfig) -> set[str]:
    """The alarms that the options of a deployment ask for."""
    by_source = {
        "kinesis": {"stream-lag", "stream-writes-throttled"},
        "direct_put": {"delivery-throttled", "delivery-near-limit"},
    }
    monitored = {
        "pipe-not-running",
        "pending-file-age",
        "end-to-end-freshness",
        "files-failed",
        "files-missing",
        "rows-rejected",
        *({"new-columns"} if config.snowflake.schema_evolution else ()),
    }
    return (
        {"delivery-success", "delivery-freshness", "delivery-errors", "function-errors"}
        | by_source[config.streaming.source]
        | ({"events-rejected", "gate-failing"} if config.gate.enabled else set())
        | (monitored if config.monitor.enabled else set())
        | ({"no-data"} if config.ops.alarms.no_data_minutes else set())
    )


@pytest.mark.parametrize("name", VARIANTS)
def test_a_deployment_has_the_alarms_of_its_options_on_existing_metrics(name: str, variant: Variant) -> None:
    pipeline, config = variant(name), VARIANTS[name]
    events = {stream.name for stream in config.event_streams}
    functions = {"landing"} | ({"monitor", "canary"} if config.monitor.enabled else set())
    wanted = {
        f"{config.prefix}-{subject}-{entry}": (TOGETHER if severity == "critical" else severity, missing)
        for entry in entries_of(config)
        for severity, missing in [TABLE[entry]]
        for subject in (functions if entry == "function-errors" else events)
    }
    if config.monitor.enabled:
        wanted[f"{config.prefix}-monitor-function-errors"] = ("critical", "notBreaching")
    else:  # nor a canary, which could tell a new kind of event from a silent one
        wanted |= {name: (TOGETHER, "breaching") for name in wanted if name.endswith("-no-data")}
    found = {}
    for each in alarms(pipeline):
        found[each.name] = (
            topic_of(pipeline, each.properties.get("AlarmActions")),
            each.properties["TreatMissingData"],
        )
        assert each.metrics
        for metric in each.metrics:
            check_metric(pipeline, config, metric["Namespace"], metric["Dimensions"])
    assert found == wanted


def check_metric(
    pipeline: Pipeline, config: PipelineConfig, namespace: str, dimensions: list[dict[str, Any]]
) -> None:
    """Check that the dimensions are the pipeline's own, or name resources of the app."""
    values = {dimension["Name"]: dimension["Value"] for dimension in dimensions}
    if namespace == "Clickstream":
        assert values.keys() == {"Deployment", "Events"}
        assert values["Deployment"] == config.prefix
        assert values["Events"] in {stream.name for stream in config.event_streams}
        return
    assert values
    for dimension, value in values.items():
        if dimension == "FilterId":
            lake = pipeline.referred("Ops", values["BucketName"])
            bucket = pipeline.stacks[lake[0]]["Resources"][lake[1]]["Properties"]
            assert value in {measured["Id"] for measured in bucket["MetricsConfigurations"]}
        elif isinstance(value, str) and dimension == "FunctionName":
            functions = pipeline.resources("Streaming", "AWS::Lambda::Function").values()
            assert value in {function["Properties"]["FunctionName"] for function in functions}
        elif dimension == "AutoScalingGroupName":
            group = pipeline.properties("Producer", "AWS::AutoScaling::AutoScalingGroup")
            assert value == group["AutoScalingGroupName"]
        elif dimension == "StorageType":
            assert value in {"StandardStorage", "StandardIAStorage"}
        else:
            assert pipeline.type_referred("Ops", value) == RESOURCE_OF_DIMENSION[dimension]


@pytest.mark.parametrize("name", ["no data", "no data, monitor off", "many recipients", "local"])
def test_each_alarm_has_a_description_and_can_be_evaluated(name: str, variant: Variant) -> None:
    """All alarms are built the same way, so these variants stand for the others; together they have every alarm."""
    config = VARIANTS[name]
    page = config.ops.runbook_url or "docs/runbook.md"
    for each in alarms(variant(name)):
        assert each.properties.get("OKActions") == each.properties.get("AlarmActions")
        description = each.properties["AlarmDescription"]
        meaning, link = description.rsplit(" Runbook: ", 1)
        assert link == f"{page}#{each.entry}"
        assert re.fullmatch(r"[A-Z].{20,}\.", meaning), description
        assert len(description) <= 1024
        (period,) = each.periods
        assert period % 60 == 0 or (config.laptop and period in (10, 30))
        periods = each.properties["EvaluationPeriods"]
        assert 1 <= each.properties["DatapointsToAlarm"] <= periods
        assert period * periods <= 86_400
        if "Metrics" in each.properties:
            assert [query.get("ReturnData", True) for query in each.properties["Metrics"]].count(True) == 1
        else:
            assert each.properties["Statistic"] in {"Average", "Maximum", "Sum"}


def test_the_variants_have_every_alarm_of_the_table(variant: Variant) -> None:
    names = ("no data", "no data, monitor off", "other values")
    read = {each.entry for name in names for each in alarms(variant(name))}
    assert read == set(TABLE)


@pytest.mark.parametrize("name", ["no data", "direct put", "two kinds of event", "monitor off"])
def test_one_alarm_pages_for_all_critical_ones_of_a_kind_of_event(name: str, variant: Variant) -> None:
    pipeline, config = variant(name), VARIANTS[name]
    composites = [
        resource["Properties"]
        for resource in pipeline.resources("Ops", "AWS::CloudWatch::CompositeAlarm").values()
    ]
    kinds = [stream.name for stream in config.event_streams]
    assert [each["AlarmName"] for each in composites] == [
        f"{config.prefix}-{kind}-unhealthy" for kind in kinds
    ]
    for kind, composite in zip(kinds, composites, strict=True):
        parts = composite["AlarmRule"]["Fn::Join"][1]
        named = [part["Fn::GetAtt"][0] for part in parts if isinstance(part, dict)]
        rule = "".join(part if isinstance(part, str) else "_" for part in parts)
        assert re.fullmatch(r"\(ALARM\(\"_\"\)( OR ALARM\(\"_\"\))*\)", rule)
        critical = [each for each in alarms(pipeline) if each.entry in CRITICAL and f"-{kind}-" in each.name]
        assert sorted(named) == sorted(each.logical_id for each in critical)
        assert composite["AlarmDescription"].endswith("#unhealthy")
        for actions in ("AlarmActions", "OKActions"):
            assert topic_of(pipeline, composite[actions]) == "critical"


def test_thresholds_and_their_duration_come_from_the_config(variant: Variant) -> None:
    pipeline = variant("other values")
    shown = {
        each.entry: (
            each.properties["Threshold"],
            *each.periods,
            each.properties["DatapointsToAlarm"],
            each.properties["EvaluationPeriods"],
        )
        for each in alarms(pipeline)
        if "-clicks-" in each.name
    }
    assert shown == {
        "no-data": (3, 1800, 1, 1),
        "stream-lag": (60_000, 600, 2, 4),
        "stream-writes-throttled": (0, 600, 2, 4),
        "delivery-success": (0.95, 600, 2, 4),
        "delivery-freshness": (1200, 60, 2, 4),
        "delivery-errors": (0, 600, 1, 3),
        "pipe-not-running": (1, 180, 2, 4),
        "pending-file-age": (300, 180, 2, 4),
        # Firehose may hold events for twice the buffer interval, and so the first canary of a new kind of event.
        "end-to-end-freshness": (1000, 120, 11, 12),
        "files-failed": (0, 120, 1, 3),
        "files-missing": (0, 120, 2, 3),
        "events-rejected": (20, 600, 2, 4),
        "gate-failing": (0, 600, 2, 4),
        "rows-rejected": (0, 120, 1, 3),
        "new-columns": (0, 120, 1, 3),
    }


def test_canaries_do_not_count_as_incoming_events(variant: Variant) -> None:
    """Accepted canaries are subtracted from the records; `test_alarm_decisions.py` has what follows from it."""
    queries = alarm(variant("no data"), "no-data")["Metrics"]
    (expression,) = (query["Expression"] for query in queries if "Expression" in query)
    assert expression == "IF(tried < 54, 4, FILL(records, 0) - sent)"
    watched = {
        query["Id"]: (query["MetricStat"]["Metric"]["MetricName"], query["MetricStat"]["Stat"])
        for query in queries
        if "MetricStat" in query
    }
    assert watched == {
        "records": ("IncomingRecords", "Sum"),
        "sent": ("CanariesSent", "Sum"),
        "tried": ("CanariesSent", "SampleCount"),
    }
    without_monitor = alarm(variant("no data, monitor off"), "no-data")
    assert (without_monitor["MetricName"], without_monitor["Threshold"]) == ("IncomingRecords", 0)


def test_delivery_near_limit_uses_the_quota_of_direct_put_closest_to_its_limit(variant: Variant) -> None:
    queries = {query["Id"]: query for query in alarm(variant("direct put"), "delivery-near-limit")["Metrics"]}
    (returned,) = (query for query in queries.values() if query.get("ReturnData", True))
    assert returned["Expression"] == "MAX([bytes, records, requests])"
    for quota in ("bytes", "records", "requests"):
        assert queries[quota]["Expression"] == f"100 * {quota}_in / 300 / {quota}_limit"
        assert queries[f"{quota}_in"]["MetricStat"]["Stat"] == "Sum"
        assert queries[f"{quota}_limit"]["MetricStat"]["Stat"] == "Minimum"


def test_failures_are_counted_per_kind_of_event(variant: Variant) -> None:
    pipeline = variant("two kinds of event")
    (lake,) = (
        bucket["Properties"]
        for bucket in pipeline.resources("Storage", "AWS::S3::Bucket").values()
        if "MetricsConfigurations" in bucket["Properties"]
    )
    assert lake["MetricsConfigurations"] == [
        {"Id": "errors-clicks", "Prefix": "errors/clicks/"},
        {"Id": "errors-orders", "Prefix": "errors/orders/"},
    ]
