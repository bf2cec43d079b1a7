"""All that is known of one kind of event on its way."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from clickstream.delivery import ClickDelivery
from clickstream.watch.delivery_alarms import DeliveryAlarms
from clickstream.watch.delivery_metrics import DeliveryMetrics
from clickstream.watch.direct_put_alarms import DirectPutAlarms
from clickstream.watch.no_data_alarm import NoDataAlarm
from clickstream.watch.pipeline_alarm import Alerting, Evaluation, PipelineAlarm
from clickstream.watch.snowpipe_alarms import SnowpipeAlarms
from clickstream.watch.snowpipe_metrics import SnowpipeMetrics
from clickstream.watch.stream_alarms import StreamAlarms
from clickstream.watch.stream_metrics import StreamMetrics
from clickstream.watch.thresholds import Thresholds


class EventWatch(Construct):
    """Watches one kind of event from the front door to the row: its metrics, and an alarm on every link.

    Args:
        scope: the parent.
        construct_id: its name there.
        alerting: what all alarms of the deployment have in common.
        events: the kind of event, in the alarms' names.
        delivery: how it gets into the lake.
        evaluation: for how long something must be wrong.
        thresholds: from when on it is.
        snowpipe: how it becomes rows, where a monitor looks at that.
        canary: the function that sends canary events, where there is one.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        alerting: Alerting,
        events: str,
        delivery: ClickDelivery,
        evaluation: Evaluation,
        thresholds: Thresholds | None = None,
        snowpipe: SnowpipeMetrics | None = None,
        canary: lambda_.IFunction | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.events = events
        self.delivery = DeliveryMetrics(delivery)
        self.stream = StreamMetrics(delivery.source) if delivery.source else None
        self.snowpipe = snowpipe
        self._alerting, self._evaluation = alerting, evaluation
        self._limits = thresholds or Thresholds()
        self.stream_alarms = self._build_stream_alarms(self.stream) if self.stream else None
        self.direct_put_alarms = None if self.stream else self._build_direct_put_alarms()
        self.no_data = self._build_no_data(self._limits.no_data, canary) if self._limits.no_data else None
        self.delivery_alarms = DeliveryAlarms(
            self,
            "Delivery",
            alerting=alerting,
            events=events,
            metrics=self.delivery,
            evaluation=evaluation,
            success_percent=self._limits.success_percent,
            freshness=self._limits.delivery_freshness,
        )
        self.snowpipe_alarms = self._build_snowpipe_alarms(snowpipe) if snowpipe else None

    @property
    def alarms(self) -> tuple[PipelineAlarm, ...]:
        """All of them, in the order of the way."""
        groups = (self.stream_alarms, self.direct_put_alarms, self.delivery_alarms, self.snowpipe_alarms)
        first = (self.no_data,) if self.no_data else ()
        return (*first, *(alarm for group in groups if group for alarm in group.alarms))

    def incoming_records(self) -> cloudwatch.Metric:
        """Records that producers put at the front door."""
        return self.stream.incoming_records() if self.stream else self.delivery.received_records()

    def incoming_bytes(self) -> cloudwatch.Metric:
        """Their bytes."""
        return self.stream.incoming_bytes() if self.stream else self.delivery.received_bytes()

    def _build_stream_alarms(self, stream: StreamMetrics) -> StreamAlarms:
        return StreamAlarms(
            self,
            "Stream",
            alerting=self._alerting,
            events=self.events,
            stream=stream,
            delivery=self.delivery,
            evaluation=self._evaluation,
            lag=self._limits.stream_lag,
        )

    def _build_direct_put_alarms(self) -> DirectPutAlarms:
        return DirectPutAlarms(
            self,
            "DirectPut",
            alerting=self._alerting,
            events=self.events,
            metrics=self.delivery,
            evaluation=self._evaluation,
            limit_percent=self._limits.limit_percent,
        )

    def _build_no_data(self, within: cdk.Duration, canary: lambda_.IFunction | None) -> NoDataAlarm:
        return NoDataAlarm(
            self,
            "NoData",
            alerting=self._alerting,
            events=self.events,
            incoming_records=self.incoming_records(),
            within=within,
            canary=canary,
        )

    def _build_snowpipe_alarms(self, snowpipe: SnowpipeMetrics) -> SnowpipeAlarms:
        return SnowpipeAlarms(
            self,
            "Snowpipe",
            alerting=self._alerting,
            events=self.events,
            metrics=snowpipe,
            evaluation=self._evaluation,
            pending_file_age=self._limits.pending_file_age,
            freshness=self._limits.end_to_end_freshness,
        )
