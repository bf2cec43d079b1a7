"""One kind of event on its way: ingest, deliver, load, freshness."""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch

from clickstream.dashboard.graphs import GRID, Row, graph, shared_line
from clickstream.watch.event_watch import EventWatch
from clickstream.watch.snowpipe_alarms import SnowpipeAlarms
from clickstream.watch.snowpipe_metrics import SnowpipeMetrics
from clickstream.watch.stream_alarms import StreamAlarms
from clickstream.watch.stream_metrics import StreamMetrics


def journey(watch: EventWatch) -> list[Row]:
    """A row of how much flows and one of whether it flows well; from left to right like the data."""
    known_to_the_end = watch.snowpipe is not None and watch.snowpipe_alarms is not None
    width = GRID // (4 if known_to_the_end else 2)
    columns = [_ingest(watch, width), _deliver(watch, width)]
    if watch.snowpipe and watch.snowpipe_alarms:
        columns += [
            _load(watch.events, watch.snowpipe, watch.snowpipe_alarms, width),
            _freshness(watch.events, watch.snowpipe, watch.snowpipe_alarms, width),
        ]
    return list(zip(*columns, strict=True))


def _ingest(watch: EventWatch, width: int) -> list[cloudwatch.IWidget]:
    flow = graph(
        f"1 Ingest: {watch.events}",
        {"records": watch.incoming_records()},
        left_axis="records",
        right={"bytes": watch.incoming_bytes()},
        right_axis="bytes",
        width=width,
    )
    if watch.stream and watch.stream_alarms:
        return [flow, _stream_health(watch, watch.stream, watch.stream_alarms, width)]
    return [flow, _direct_put_health(watch, width)]


def _stream_health(
    watch: EventWatch, stream: StreamMetrics, alarms: StreamAlarms, width: int
) -> cloudwatch.IWidget:
    return graph(
        "Kinesis: who falls behind",
        {"readers are behind": stream.iterator_age(), "Firehose is behind": watch.delivery.behind_stream()},
        left_axis="milliseconds",
        left_lines=[shared_line(alarms.iterator_age, alarms.lag)],
        right={"records refused, shard full": stream.throttled_writes()},
        right_axis="records",
        right_lines=[alarms.writes_throttled.line],
        width=width,
    )


def _direct_put_health(watch: EventWatch, width: int) -> cloudwatch.IWidget:
    alarms = watch.direct_put_alarms
    return graph(
        "Direct PUT: quota in use",
        {"quota in use": watch.delivery.quota_in_use()},
        left_axis="percent",
        left_lines=[alarms.near_limit.line] if alarms else [],
        right={"records refused, quota used up": watch.delivery.throttled_records()},
        right_axis="records",
        right_lines=[alarms.throttled.line] if alarms else [],
        width=width,
    )


def _deliver(watch: EventWatch, width: int) -> list[cloudwatch.IWidget]:
    metrics, alarms = watch.delivery, watch.delivery_alarms
    return [
        graph(
            f"2 Deliver: {watch.events}",
            {"received": metrics.received_records(), "delivered": metrics.delivered_records()},
            left_axis="records",
            right={"files of failures": metrics.failed_files()},
            right_axis="files",
            right_lines=[alarms.errors.line],
            width=width,
        ),
        graph(
            "Firehose: success and freshness",
            {"writes that succeed": metrics.success()},
            left_axis="share",
            left_lines=[alarms.success.line],
            left_max=1,
            right={"oldest undelivered record": metrics.freshness()},
            right_axis="seconds",
            right_lines=[alarms.freshness.line],
            width=width,
        ),
    ]


def _load(
    events: str, metrics: SnowpipeMetrics, alarms: SnowpipeAlarms, width: int
) -> list[cloudwatch.IWidget]:
    return [
        graph(
            f"3 Load: {events}",
            {"rows loaded": metrics.rows_loaded(), "rows rejected": metrics.rows_rejected()},
            left_axis="rows",
            left_lines=[alarms.rows_rejected.line],
            right={"files loaded": metrics.files_loaded(), "files failed": metrics.files_failed()},
            right_axis="files",
            right_lines=[alarms.files_failed.line],
            width=width,
        ),
        graph(
            "Snowpipe: what waits",
            {"oldest waiting file": metrics.pending_file_age()},
            left_axis="seconds",
            left_lines=[alarms.pending_file_age.line],
            right={
                "files waiting": metrics.pending_files(),
                "running (1) or not (0)": metrics.pipe_running(),
            },
            right_axis="files",
            right_lines=[alarms.pipe_not_running.line],
            width=width,
        ),
    ]


def _freshness(
    events: str, metrics: SnowpipeMetrics, alarms: SnowpipeAlarms, width: int
) -> list[cloudwatch.IWidget]:
    return [
        graph(
            f"4 Freshness: {events}",
            {"newest canary that is a row": metrics.end_to_end_freshness()},
            left_axis="seconds",
            left_lines=[alarms.freshness.line],
            width=width,
        ),
        graph(
            "From sent to row",
            {
                "end to end, p50": metrics.end_to_end_latency(50),
                "end to end, p95": metrics.end_to_end_latency(95),
                "Snowpipe, p50": metrics.load_latency(50),
                "Snowpipe, p95": metrics.load_latency(95),
            },
            left_axis="seconds",
            width=width,
        ),
    ]
