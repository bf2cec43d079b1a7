"""Says when the Kinesis Data Stream is full, or nobody keeps up with it."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from clickstream.watch.alarm_topics import Severity
from clickstream.watch.delivery_metrics import DeliveryMetrics
from clickstream.watch.pipeline_alarm import Alerting, Evaluation, PipelineAlarm
from clickstream.watch.stream_metrics import StreamMetrics


class StreamAlarms(Construct):
    """Producers are refused, or readers fall behind; a record that nobody reads within the retention is lost.

    Args:
        scope: the parent.
        construct_id: its name there.
        alerting: what it has in common with the others.
        events: the kind of event.
        stream: metrics of its Data Stream.
        delivery: metrics of the delivery stream that reads it.
        evaluation: for how long something must be wrong.
        lag: being further behind than this is wrong.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        alerting: Alerting,
        events: str,
        stream: StreamMetrics,
        delivery: DeliveryMetrics,
        evaluation: Evaluation,
        lag: cdk.Duration,
    ) -> None:
        super().__init__(scope, construct_id)
        self.lag = PipelineAlarm(
            self,
            "StreamLag",
            alerting=alerting,
            subject=events,
            severity=Severity.CRITICAL,
            metric=delivery.behind_stream(),
            threshold=lag.to_milliseconds(),
            evaluation=evaluation,
            missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            meaning=f"Firehose is more than {lag.to_seconds():g} s behind the end of the {events} stream.",
        )
        self.iterator_age = PipelineAlarm(
            self,
            "StreamIteratorAge",
            alerting=alerting,
            subject=events,
            severity=Severity.CRITICAL,
            metric=stream.iterator_age(),
            threshold=lag.to_milliseconds(),
            evaluation=evaluation,
            missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            meaning=f"A reader of the {events} stream gets records that are older than {lag.to_seconds():g} s.",
        )
        self.writes_throttled = PipelineAlarm(
            self,
            "StreamWritesThrottled",
            alerting=alerting,
            subject=events,
            severity=Severity.WARNING,
            metric=stream.throttled_writes(),
            threshold=0,
            evaluation=evaluation,
            missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            meaning=f"The {events} stream refuses records because a shard is full; producers send them again.",
        )

    @property
    def alarms(self) -> tuple[PipelineAlarm, ...]:
        """All of them."""
        return (self.lag, self.iterator_age, self.writes_throttled)
