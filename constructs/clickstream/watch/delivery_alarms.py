"""Says when events stop reaching the lake."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from clickstream.watch.alarm_topics import Severity
from clickstream.watch.delivery_metrics import DeliveryMetrics
from clickstream.watch.pipeline_alarm import Alerting, Evaluation, PipelineAlarm

_MINUTE = 60


class DeliveryAlarms(Construct):
    """Firehose fails to write, falls behind, or puts events aside.

    Args:
        scope: the parent.
        construct_id: its name there.
        alerting: what it has in common with the others.
        events: the kind of event.
        metrics: of its delivery stream.
        evaluation: for how long something must be wrong.
        success_percent: fewer successful writes than this are wrong.
        freshness: an undelivered record older than this is wrong.

    https://docs.aws.amazon.com/firehose/latest/dev/firehose-cloudwatch-metrics-best-practices.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        alerting: Alerting,
        events: str,
        metrics: DeliveryMetrics,
        evaluation: Evaluation,
        success_percent: float,
        freshness: cdk.Duration,
    ) -> None:
        super().__init__(scope, construct_id)
        self.success = PipelineAlarm(
            self,
            "DeliverySuccess",
            alerting=alerting,
            subject=events,
            severity=Severity.CRITICAL,
            metric=metrics.success(),
            comparison=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            # The metric is a ratio: 1 is all of them.
            threshold=success_percent / 100,
            evaluation=evaluation,
            # No write in a period means no events, which is not a failure to deliver them.
            missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            meaning=f"Fewer than {success_percent:g} % of Firehose's writes of {events} to the event lake succeed.",
        )
        self.freshness = PipelineAlarm(
            self,
            "DeliveryFreshness",
            alerting=alerting,
            subject=events,
            severity=Severity.CRITICAL,
            metric=metrics.freshness(),
            threshold=freshness.to_seconds(),
            evaluation=_each_minute(evaluation),
            missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            meaning=f"Firehose holds {events} that it has not written for {freshness.to_seconds():g} s.",
        )
        self.errors = PipelineAlarm(
            self,
            "DeliveryErrors",
            alerting=alerting,
            subject=events,
            severity=Severity.WARNING,
            metric=metrics.failed_files(),
            threshold=0,
            # Any is news; held for three periods, so that a series of them is told once.
            evaluation=Evaluation(period=evaluation.period, datapoints=1, periods=3),
            missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            meaning=f"Firehose gave up on {events} and put them under the error prefix of the event lake.",
        )

    @property
    def alarms(self) -> tuple[PipelineAlarm, ...]:
        """All of them."""
        return (self.success, self.freshness, self.errors)


def _each_minute(evaluation: Evaluation) -> Evaluation:
    """An age metric already includes the wait, so it is read every minute to page before its symptoms do."""
    period = min(_MINUTE, evaluation.period.to_seconds())
    return Evaluation(
        period=cdk.Duration.seconds(period), datapoints=evaluation.datapoints, periods=evaluation.periods
    )
