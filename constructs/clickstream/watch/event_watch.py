"""Metrics and alarms of one kind of event."""

from __future__ import annotations

from collections.abc import Iterator

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from clickstream.delivery import ClickDelivery
from clickstream.metric_source import MetricSource
from clickstream.watch.alarm_topics import Severity
from clickstream.watch.alarms import (
    Thresholds,
    delivery_alarms,
    direct_put_alarms,
    gate_alarms,
    no_data_alarm,
    pipe_alarms,
    stream_alarms,
)
from clickstream.watch.canary_events import CanaryMetrics
from clickstream.watch.delivery_metrics import DeliveryMetrics
from clickstream.watch.event_health import EventHealth
from clickstream.watch.pipe_metrics import PipeMetrics
from clickstream.watch.pipeline_alarm import AlarmDefinition, Alerting, add_alarms
from clickstream.watch.stream_metrics import StreamMetrics

_COLOURS = {Severity.CRITICAL: cloudwatch.Color.RED, Severity.WARNING: cloudwatch.Color.ORANGE}


class EventWatch(Construct):
    """Watches one kind of event from the front door to the row: metrics, an alarm on each step, and one that pages.

    Args:
        scope: the parent.
        construct_id: its name there.
        alerting: the settings shared by all alarms of the deployment.
        events: the kind of event, in the alarms' names.
        delivery: its delivery into the lake.
        thresholds: the alarm thresholds.
        pipe: the metrics of its pipe, if there is a monitor.
        canary: the metrics of its canary, if there is one.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        alerting: Alerting,
        events: str,
        delivery: ClickDelivery,
        thresholds: Thresholds,
        pipe: PipeMetrics | None = None,
        canary: CanaryMetrics | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.events = events
        self.delivery = DeliveryMetrics(delivery)
        self.stream = StreamMetrics(delivery.source) if delivery.source else None
        self.gate = delivery.gate.metrics if delivery.gate else None
        self.pipe = pipe
        definitions = self._definitions(thresholds, canary)
        self.alarms = add_alarms(self, alerting, definitions, notify=[Severity.WARNING])
        self.health = EventHealth(self, "Health", alerting=alerting, events=events, alarms=self.alarms)

    @property
    def incoming_records(self) -> MetricSource:
        """Records that producers put at the front door."""
        return self.stream.incoming_records if self.stream else self.delivery.received_records

    @property
    def incoming_bytes(self) -> MetricSource:
        """Their bytes."""
        return self.stream.incoming_bytes if self.stream else self.delivery.received_bytes

    def line(self, *entries: str) -> cloudwatch.HorizontalAnnotation:
        """The threshold of an alarm, to draw into a graph of its metric; one line for alarms that share a threshold."""
        first, *_ = (each.definition for each in self.alarms if each.definition.entry in entries)
        return cloudwatch.HorizontalAnnotation(
            value=first.threshold, label=", ".join(entries), color=_COLOURS[first.severity]
        )

    def _definitions(self, limits: Thresholds, canary: CanaryMetrics | None) -> Iterator[AlarmDefinition]:
        if limits.no_data:
            yield no_data_alarm(self.events, self.incoming_records, limits.no_data, canary)
        if self.stream:
            yield from stream_alarms(self.events, self.stream, self.delivery, limits)
        else:
            yield from direct_put_alarms(self.events, self.delivery, limits)
        yield from delivery_alarms(self.events, self.delivery, limits)
        if self.gate:
            yield from gate_alarms(self.events, self.gate, limits)
        if self.pipe:
            yield from pipe_alarms(self.events, self.pipe, limits)
