"""All alarm definitions, in the order in which an event passes through the pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from typing import Unpack

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from clickstream.metric_source import MINUTE, MetricOptions, MetricSource
from clickstream.watch.alarm_topics import Severity
from clickstream.watch.canary_events import CanaryMetrics
from clickstream.watch.delivery_metrics import DeliveryMetrics
from clickstream.watch.gate_metrics import GateMetrics
from clickstream.watch.pipe_metrics import PipeMetrics
from clickstream.watch.pipeline_alarm import AlarmDefinition, Evaluation, MissingData
from clickstream.watch.stream_metrics import StreamMetrics
from clickstream_wire.metrics import PipeMetric

_BELOW = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
_AT_MOST = cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD
_THREE_OF_FIVE = Evaluation(period=cdk.Duration.minutes(5), datapoints=3, periods=5)
_THREE_MINUTES = cdk.Duration.minutes(3)
_QUARTER_HOUR = cdk.Duration.minutes(15)
# Canaries and records are counted by different services: at the edges of a period, or while one of the metrics is
# published later than the other, this many canaries are counted in only one of them.
_UNMATCHED_CANARIES = 3
# Runs of the canary may fail to start; a kind of event that has fewer is new.
_TRIED_AT_LEAST = 0.9


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """Alarm thresholds of one kind of event.

    Args:
        evaluation: for how long something must be wrong.
        success_percent: alarm when fewer of Firehose's writes succeed.
        delivery_freshness: alarm when a record in Firehose is older.
        limit_percent: alarm when more of the Direct PUT quota is in use.
        stream_lag: alarm when Firehose is further behind the Data Stream's end.
        no_data: alarm when no event came in for this long; by default never.
        rejected_percent: alarm when the gate rejects more of the events.
        pending_file_age: alarm when a file waits longer for its pipe.
        end_to_end_freshness: alarm when the newest canary event that became a row is older.
        first_canary: the time after which the first canary of a new kind of event should be a row.
    """

    evaluation: Evaluation = _THREE_OF_FIVE
    success_percent: float = 99
    delivery_freshness: cdk.Duration = _QUARTER_HOUR
    limit_percent: float = 80
    stream_lag: cdk.Duration = _THREE_MINUTES
    no_data: cdk.Duration | None = None
    rejected_percent: float = 5
    pending_file_age: cdk.Duration = _QUARTER_HOUR
    end_to_end_freshness: cdk.Duration = _QUARTER_HOUR
    first_canary: cdk.Duration = _THREE_MINUTES


def no_data_alarm(
    events: str, incoming_records: MetricSource, within: cdk.Duration, canary: CanaryMetrics | None
) -> AlarmDefinition:
    """No incoming events; canaries do not count, and a kind of event with too few of them is too new to tell.

    Without a canary nothing tells a new kind of event from a silent one, so the alarm is on until the first event.
    """
    return AlarmDefinition(
        construct_id="NoData",
        subject=events,
        severity=Severity.CRITICAL,
        metric=partial(_without_canaries, incoming_records, canary, within) if canary else incoming_records,
        comparison=_AT_MOST,
        threshold=_UNMATCHED_CANARIES if canary else 0,
        evaluation=Evaluation(period=within, datapoints=1, periods=1),
        missing_data=MissingData.NOT_KNOWN if canary else MissingData.SILENCE,
        meaning=f"No {events} came in for {within.to_minutes():g} minutes.",
    )


def stream_alarms(
    events: str, stream: StreamMetrics, delivery: DeliveryMetrics, limits: Thresholds
) -> Iterator[AlarmDefinition]:
    """Producers are throttled, or Firehose falls behind; a record not read within the retention is lost.

    Iterator age has no alarm: for Firehose it is the lag again, and other readers are the business of their owners.
    """
    alarm = partial(
        AlarmDefinition,
        group="Stream",
        subject=events,
        evaluation=limits.evaluation,
        missing_data=MissingData.NO_TRAFFIC,
    )
    lag = limits.stream_lag
    yield alarm(
        construct_id="StreamLag",
        severity=Severity.CRITICAL,
        metric=delivery.behind_stream,
        threshold=lag.to_milliseconds(),
        meaning=f"Firehose is more than {lag.to_seconds():g} s behind the end of the {events} stream.",
    )
    yield alarm(
        construct_id="StreamWritesThrottled",
        severity=Severity.WARNING,
        metric=stream.throttled_writes,
        threshold=0,
        meaning=f"The {events} stream refuses records because a shard is full; producers send them again.",
    )


def direct_put_alarms(
    events: str, delivery: DeliveryMetrics, limits: Thresholds
) -> Iterator[AlarmDefinition]:
    """The quota of a delivery stream that producers write to is almost or completely used up.

    https://docs.aws.amazon.com/firehose/latest/dev/limits.html
    """
    alarm = partial(
        AlarmDefinition,
        group="DirectPut",
        subject=events,
        severity=Severity.WARNING,
        evaluation=limits.evaluation,
        missing_data=MissingData.NO_TRAFFIC,
    )
    yield alarm(
        construct_id="DeliveryThrottled",
        metric=delivery.throttled_records,
        threshold=0,
        meaning=f"Firehose refuses {events} because its quota is used up; producers send them again.",
    )
    yield alarm(
        construct_id="DeliveryNearLimit",
        metric=delivery.quota_in_use,
        threshold=limits.limit_percent,
        meaning=f"Producers use more than {limits.limit_percent:g} % of what Firehose accepts of {events} a second.",
    )


def delivery_alarms(events: str, delivery: DeliveryMetrics, limits: Thresholds) -> Iterator[AlarmDefinition]:
    """Firehose fails to write, falls behind, or writes events to the error prefix.

    https://docs.aws.amazon.com/firehose/latest/dev/firehose-cloudwatch-metrics-best-practices.html
    """
    alarm = partial(AlarmDefinition, group="Delivery", subject=events, missing_data=MissingData.NO_TRAFFIC)
    evaluation, age = limits.evaluation, limits.delivery_freshness.to_seconds()
    short = evaluation.period.to_seconds() < MINUTE.to_seconds()
    yield alarm(
        construct_id="DeliverySuccess",
        severity=Severity.CRITICAL,
        metric=delivery.success,
        comparison=_BELOW,
        threshold=limits.success_percent / 100,  # the metric is a ratio: 1 is all of them
        evaluation=evaluation,
        meaning=f"Fewer than {limits.success_percent:g} % of Firehose's writes of {events} to the event lake succeed.",
    )
    yield alarm(
        construct_id="DeliveryFreshness",
        severity=Severity.CRITICAL,
        metric=delivery.freshness,
        threshold=age,
        # An age already includes the wait, so it is evaluated every minute, to page before users notice.
        evaluation=evaluation if short else replace(evaluation, period=MINUTE),
        meaning=f"Firehose holds {events} that it has not written for {age:g} s.",
    )
    yield alarm(
        construct_id="DeliveryErrors",
        severity=Severity.WARNING,
        metric=delivery.failed_files,
        threshold=0,
        # One file is enough; the alarm stays on for three periods, so that a series of files is one notification.
        evaluation=replace(evaluation, datapoints=1, periods=3),
        meaning=f"Firehose gave up on {events} and put them under the error prefix of the event lake.",
    )


def gate_alarms(events: str, gate: GateMetrics, limits: Thresholds) -> Iterator[AlarmDefinition]:
    """The gate rejects many events, or cannot be called."""
    alarm = partial(
        AlarmDefinition,
        group="Gate",
        subject=events,
        severity=Severity.WARNING,
        evaluation=limits.evaluation,
        missing_data=MissingData.NO_TRAFFIC,
    )
    yield alarm(
        construct_id="EventsRejected",
        metric=gate.rejected_percent,
        threshold=limits.rejected_percent,
        meaning=f"More than {limits.rejected_percent:g} % of {events} are rejects: their senders break the contract.",
    )
    yield alarm(
        construct_id="GateFailing",
        metric=gate.failed_calls,
        threshold=0,
        meaning=f"Calls of the gate of {events} fail or are throttled; Firehose repeats some and gives up others.",
    )


def pipe_alarms(events: str, pipe: PipeMetrics, limits: Thresholds) -> Iterator[AlarmDefinition]:
    """The pipe is stopped, slow, refuses files or does not know them; or events do not arrive end to end.

    While the monitor cannot query Snowflake, alarms on gauges keep their state, and the monitor's own alarm is on.
    """
    alarm = partial(AlarmDefinition, group="Snowpipe", subject=events)
    status = replace(limits.evaluation, period=pipe.status_period)
    # A window is published when it is over or later, so the alarm evaluates three of them.
    any_of_three = Evaluation(period=pipe.window, datapoints=1, periods=3)
    # A new kind of event has no fresh canary until its first one is a row.
    late = 2 + ceil(limits.first_canary.to_seconds() / pipe.window.to_seconds())
    wait, freshness = limits.pending_file_age.to_seconds(), limits.end_to_end_freshness.to_seconds()
    yield alarm(
        construct_id="PipeNotRunning",
        severity=Severity.CRITICAL,
        metric=pipe.gauge(PipeMetric.PIPE_RUNNING),
        comparison=_BELOW,
        threshold=1,
        evaluation=status,
        missing_data=MissingData.NOT_KNOWN,
        meaning=f"The pipe of {events} is not running, so their files wait in the lake.",
    )
    yield alarm(
        construct_id="PendingFileAge",
        severity=Severity.CRITICAL,
        metric=pipe.gauge(PipeMetric.OLDEST_PENDING_FILE_AGE),
        threshold=wait,
        evaluation=status,
        missing_data=MissingData.NOT_KNOWN,
        meaning=f"A file of {events} has waited for its pipe for more than {wait:g} s.",
    )
    yield alarm(
        construct_id="EndToEndFreshness",
        severity=Severity.CRITICAL,
        metric=pipe.gauge(PipeMetric.END_TO_END_FRESHNESS),
        threshold=freshness,
        evaluation=Evaluation(period=pipe.window, datapoints=late, periods=late + 1),
        missing_data=MissingData.NOT_KNOWN,
        meaning=f"No canary of the last {freshness:g} s is a row: {events} are late.",
    )
    yield alarm(
        construct_id="FilesFailed",
        severity=Severity.WARNING,
        metric=pipe.gauge(PipeMetric.FILES_FAILED),
        threshold=0,
        evaluation=any_of_three,
        missing_data=MissingData.NO_TRAFFIC,
        meaning=f"Snowpipe loaded nothing of a file of {events}, and will not try it again.",
    )
    yield alarm(
        construct_id="FilesMissing",
        severity=Severity.WARNING,
        metric=pipe.gauge(PipeMetric.FILES_MISSING),
        threshold=0,
        # After an outage of Snowflake, announcements may still wait in its queue.
        evaluation=replace(any_of_three, datapoints=2),
        missing_data=MissingData.NOT_KNOWN,
        meaning=f"The event lake has a file of {events} that their pipe does not know, and so will not load.",
    )
    yield alarm(
        construct_id="RowsRejected",
        severity=Severity.WARNING,
        metric=pipe.gauge(PipeMetric.ROWS_REJECTED),
        threshold=0,
        evaluation=any_of_three,
        missing_data=MissingData.NO_TRAFFIC,
        meaning=f"Snowpipe refused lines of a file of {events}; the others are rows.",
    )
    if pipe.schema_evolution:
        yield alarm(
            construct_id="NewColumns",
            severity=Severity.WARNING,
            metric=pipe.gauge(PipeMetric.NEW_COLUMNS),
            threshold=0,
            evaluation=any_of_three,
            missing_data=MissingData.NO_TRAFFIC,
            meaning=f"A load added a column to the table of {events}, with a type that fits its first value.",
        )


def _without_canaries(
    records: MetricSource, canary: CanaryMetrics, within: cdk.Duration, **options: Unpack[MetricOptions]
) -> cloudwatch.MathExpression:
    period = options.setdefault("period", MINUTE)
    enough = int(_TRIED_AT_LEAST * within.to_minutes())
    return cloudwatch.MathExpression(
        expression=f"IF(tried < {enough}, {_UNMATCHED_CANARIES + 1}, FILL(records, 0) - sent)",
        using_metrics={
            "records": records(period=period),
            "sent": canary.sent(period=period),
            "tried": canary.tried(period=period),
        },
        **options,
    )
