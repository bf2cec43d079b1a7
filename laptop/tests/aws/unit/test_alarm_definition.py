"""Reading an alarm's record: its metrics, and the errors for unsupported alarms."""

from __future__ import annotations

from typing import Any

import pytest

from laptop.aws.alarms.definition import Definition
from laptop.aws.alarms.judgement import Missing, State
from laptop.aws.alarms.reason import reason
from laptop.aws.metrics.queries import MetricSource
from laptop.aws.metrics.statistics import Sample
from laptop.aws.metrics.windows import Windows

ALARM = {
    "Namespace": "AWS/Firehose",
    "MetricName": "DeliveryToS3.Success",
    "Dimensions": [{"Name": "DeliveryStreamName", "Value": "clicks"}],
    "Statistic": "Average",
    "Period": 300,
    "EvaluationPeriods": 5,
    "DatapointsToAlarm": 3,
    "Threshold": 0.99,
    "ComparisonOperator": "LessThanThreshold",
    "TreatMissingData": "notBreaching",
}


def math(*queries: dict[str, Any], **more: Any) -> dict[str, Any]:
    rule = {key: ALARM[key] for key in ("EvaluationPeriods", "Threshold", "ComparisonOperator")}
    return {**rule, "Metrics": list(queries), **more}


def metric(identifier: str, *, period: int = 60, returned: bool = False) -> dict[str, Any]:
    stat = {"Metric": {"Namespace": "N", "MetricName": identifier}, "Period": period, "Stat": "Sum"}
    return {"Id": identifier, "MetricStat": stat, "ReturnData": returned}


def test_a_single_metric_alarm_names_its_metric_exactly() -> None:
    definition = Definition.of(ALARM)
    (source,) = definition.queries.metrics.values()
    assert source == MetricSource(
        namespace="AWS/Firehose",
        name="DeliveryToS3.Success",
        dimensions=(("DeliveryStreamName", "clicks"),),
        statistic="Average",
        period=300,
    )
    assert definition.rule.missing is Missing.NOT_BREACHING
    assert definition.windows(now=2400) == Windows(end=2400, period=300, count=7)


def test_all_datapoints_must_breach_unless_the_alarm_needs_fewer() -> None:
    record = {key: value for key, value in ALARM.items() if key != "DatapointsToAlarm"}
    assert Definition.of(record).rule.datapoints_to_alarm == 5


def test_an_expression_may_use_expressions() -> None:
    definition = Definition.of(
        math(
            {"Id": "percent", "Expression": "100 * share"},
            {"Id": "share", "Expression": "used / limit", "ReturnData": False},
            metric("used"),
            metric("limit"),
        )
    )
    samples = {"used": [Sample.of(5, 3)], "limit": [Sample.of(5, 4)]}
    windows = Windows(end=60, period=60, count=1)
    assert definition.datapoints(windows, lambda source, _: samples[source.name]) == (75,)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({**ALARM, "ComparisonOperator": "LessThanLowerThreshold"}, "ComparisonOperator must be one of"),
        ({**ALARM, "TreatMissingData": "breach"}, "TreatMissingData must be one of"),
        ({**ALARM, "DatapointsToAlarm": 6}, "at most EvaluationPeriods"),
        ({**ALARM, "Period": 45}, "multiple of 60"),
        ({**ALARM, "Statistic": "IQM"}, "statistic must be one of"),
        ({**ALARM, "ExtendedStatistic": "p95"}, "statistic must be one of"),
        (math(metric("a"), metric("b")), "one query that returns data"),
        (math(metric("a", returned=True), metric("b", returned=True)), "one query that returns data"),
        (math({"Id": "e", "Expression": "a + b"}, metric("a")), "'b' is neither"),
        (math({"Id": "e", "Expression": "e + a"}, metric("a")), "'e' refers to itself"),
        (math({"Id": "e", "Expression": "a + b"}, metric("a"), metric("b", period=300)), "one period"),
        (math({"Id": "e", "Expression": "MAX([a, 1])"}, metric("a")), "a time series is needed"),
        (math({"Id": "e", "Expression": "ANOMALY_DETECTION_BAND(a)"}, metric("a")), "supports"),
        (math({"Id": "e", "Expression": "1 + 1"}), "one period"),
    ],
)
def test_unsupported_alarms_are_refused(record: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Definition.of(record)


def test_a_reason_names_the_datapoints_that_counted_and_missing_ones() -> None:
    rule = Definition.of(ALARM).rule
    windows = Windows(end=2100, period=300, count=7)
    said = reason(rule, windows, (None, 1.0, None, 0.5, None, 0.25, None), State.OK)
    assert said == (
        "Threshold Crossed: 2 out of the last 3 datapoints [0.25 (01/01/70 00:25:00), 0.5 (01/01/70 00:15:00), "
        "1 (01/01/70 00:05:00)] breached LessThanThreshold 0.99 (minimum 3 for ALARM) and 2 missing datapoints were "
        "treated as [NonBreaching]."
    )
