"""Says when nobody sends events any more."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from clickstream.watch.alarm_topics import Severity
from clickstream.watch.pipeline_alarm import Alerting, Evaluation, PipelineAlarm

# A run at the edge of the period may be counted on one side and its record on the other.
_SLACK = 1


class NoDataAlarm(PipelineAlarm):
    """No event came in at the front door, canaries apart.

    Args:
        scope: the parent.
        construct_id: its name there.
        alerting: what it has in common with the others.
        events: the kind of event.
        incoming_records: what came in.
        within: how long a silence is wrong.
        canary: the function that puts one record a run there, where there is one; its records are no sign of life.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        alerting: Alerting,
        events: str,
        incoming_records: cloudwatch.Metric,
        within: cdk.Duration,
        canary: lambda_.IFunction | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            alerting=alerting,
            subject=events,
            severity=Severity.CRITICAL,
            metric=_without_canaries(incoming_records, canary, within) if canary else incoming_records,
            comparison=cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
            threshold=_SLACK if canary else 0,
            evaluation=Evaluation(period=within, datapoints=1, periods=1),
            # An idle stream publishes nothing at all.
            missing_data=cloudwatch.TreatMissingData.BREACHING,
            meaning=f"No {events} came in for {within.to_minutes():g} minutes.",
        )


def _without_canaries(
    records: cloudwatch.Metric, canary: lambda_.IFunction, period: cdk.Duration
) -> cloudwatch.MathExpression:
    return cloudwatch.MathExpression(
        expression="FILL(records, 0) - (FILL(runs, 0) - FILL(failures, 0))",
        using_metrics={
            "records": records.with_(period=period),
            "runs": canary.metric_invocations(statistic="Sum", period=period),
            "failures": canary.metric_errors(statistic="Sum", period=period),
        },
        period=period,
    )
