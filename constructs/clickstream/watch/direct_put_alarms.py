"""Says when producers put more into Firehose than its quota allows."""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from clickstream.watch.alarm_topics import Severity
from clickstream.watch.delivery_metrics import DeliveryMetrics
from clickstream.watch.pipeline_alarm import Alerting, Evaluation, PipelineAlarm


class DirectPutAlarms(Construct):
    """The quota of a delivery stream that producers write to is nearly or wholly used up.

    Args:
        scope: the parent.
        construct_id: its name there.
        alerting: what it has in common with the others.
        events: the kind of event.
        metrics: of its delivery stream.
        evaluation: for how long something must be wrong.
        limit_percent: using more of the quota than this is wrong.

    https://docs.aws.amazon.com/firehose/latest/dev/limits.html
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
        limit_percent: float,
    ) -> None:
        super().__init__(scope, construct_id)
        self.throttled = PipelineAlarm(
            self,
            "DeliveryThrottled",
            alerting=alerting,
            subject=events,
            severity=Severity.WARNING,
            metric=metrics.throttled_records(),
            threshold=0,
            evaluation=evaluation,
            missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            meaning=f"Firehose refuses {events} because its quota is used up; producers send them again.",
        )
        self.near_limit = PipelineAlarm(
            self,
            "DeliveryNearLimit",
            alerting=alerting,
            subject=events,
            severity=Severity.WARNING,
            metric=metrics.quota_in_use(evaluation.period),
            threshold=limit_percent,
            evaluation=evaluation,
            missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            meaning=f"Producers use more than {limit_percent:g} % of what Firehose takes of {events} a second.",
        )

    @property
    def alarms(self) -> tuple[PipelineAlarm, ...]:
        """All of them."""
        return (self.throttled, self.near_limit)
