"""The rows of one kind of event: ingest, deliver, load, freshness."""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch

from clickstream.dashboard.graphs import GRID, Row, graph
from clickstream.watch.event_watch import EventWatch
from clickstream.watch.gate_metrics import GateMetrics
from clickstream.watch.pipe_metrics import PipeMetrics
from clickstream.watch.stream_metrics import StreamMetrics
from clickstream_wire.metrics import GateMetric, PipeMetric


def journey(watch: EventWatch) -> list[Row]:
    """A row of volumes, one of health, each from left to right in the order of the data flow, and one of the gate."""
    width = GRID // (4 if watch.pipe else 2)
    columns = [_ingest(watch, width), _deliver(watch, width)]
    if watch.pipe:
        columns += [_load(watch, watch.pipe, width), _freshness(watch, watch.pipe, width)]
    rows: list[Row] = list(zip(*columns, strict=True))
    return [*rows, _gate(watch, watch.gate)] if watch.gate else rows


def _ingest(watch: EventWatch, width: int) -> list[cloudwatch.IWidget]:
    flow = graph(
        f"1 Ingest: {watch.events}",
        {"records": watch.incoming_records},
        left_axis="records",
        right={"bytes": watch.incoming_bytes},
        right_axis="bytes",
        width=width,
    )
    if watch.stream:
        return [flow, _stream_health(watch, watch.stream, width)]
    return [flow, _direct_put_health(watch, width)]


def _stream_health(watch: EventWatch, stream: StreamMetrics, width: int) -> cloudwatch.IWidget:
    return graph(
        "Kinesis: who falls behind",
        {"readers are behind": stream.iterator_age, "Firehose is behind": watch.delivery.behind_stream},
        left_axis="milliseconds",
        left_lines=[watch.line("stream-lag")],
        right={"records refused, shard full": stream.throttled_writes},
        right_axis="records",
        right_lines=[watch.line("stream-writes-throttled")],
        width=width,
    )


def _direct_put_health(watch: EventWatch, width: int) -> cloudwatch.IWidget:
    return graph(
        "Direct PUT: quota in use",
        {"quota in use": watch.delivery.quota_in_use},
        left_axis="percent",
        left_lines=[watch.line("delivery-near-limit")],
        right={"records refused, quota used up": watch.delivery.throttled_records},
        right_axis="records",
        right_lines=[watch.line("delivery-throttled")],
        width=width,
    )


def _deliver(watch: EventWatch, width: int) -> list[cloudwatch.IWidget]:
    metrics = watch.delivery
    return [
        graph(
            f"2 Deliver: {watch.events}",
            {"received": metrics.received_records, "delivered": metrics.delivered_records},
            left_axis="records",
            right={"files of failures": metrics.failed_files},
            right_axis="files",
            right_lines=[watch.line("delivery-errors")],
            width=width,
        ),
        graph(
            "Firehose: success and freshness",
            {"writes that succeed": metrics.success},
            left_axis="share",
            left_lines=[watch.line("delivery-success")],
            left_max=1,
            right={"oldest undelivered record": metrics.freshness},
            right_axis="seconds",
            right_lines=[watch.line("delivery-freshness")],
            width=width,
        ),
    ]


def _gate(watch: EventWatch, gate: GateMetrics) -> Row:
    return (
        graph(
            f"Gate: {watch.events}",
            {
                "accepted": gate.count(GateMetric.ACCEPTED),
                "rejected": gate.count(GateMetric.REJECTED),
                "fields not in the contract": gate.count(GateMetric.FOLDED),
            },
            left_axis="events",
            width=GRID // 2,
        ),
        graph(
            "Gate: rejects and failures",
            {"rejected": gate.rejected_percent},
            left_axis="percent",
            left_lines=[watch.line("events-rejected")],
            right={"calls that fail or are throttled": gate.failed_calls},
            right_axis="calls",
            right_lines=[watch.line("gate-failing")],
            width=GRID // 2,
        ),
    )


def _load(watch: EventWatch, pipe: PipeMetrics, width: int) -> list[cloudwatch.IWidget]:
    evolution = {"new columns": pipe.gauge(PipeMetric.NEW_COLUMNS)} if pipe.schema_evolution else {}
    alarms = ("rows-rejected", "new-columns") if evolution else ("rows-rejected",)
    return [
        graph(
            f"3 Load: {watch.events}",
            {
                "rows loaded": pipe.gauge(PipeMetric.ROWS_LOADED),
                "rows rejected": pipe.gauge(PipeMetric.ROWS_REJECTED),
                **evolution,
            },
            left_axis="rows",
            left_lines=[watch.line(*alarms)],
            right={
                "files loaded": pipe.gauge(PipeMetric.FILES_LOADED),
                "files failed": pipe.gauge(PipeMetric.FILES_FAILED),
                "files missing": pipe.gauge(PipeMetric.FILES_MISSING),
            },
            right_axis="files",
            right_lines=[watch.line("files-failed", "files-missing")],
            width=width,
        ),
        graph(
            "Snowpipe: what waits",
            {"oldest waiting file": pipe.gauge(PipeMetric.OLDEST_PENDING_FILE_AGE)},
            left_axis="seconds",
            left_lines=[watch.line("pending-file-age")],
            right={
                "files waiting": pipe.gauge(PipeMetric.PENDING_FILES),
                "running (1) or not (0)": pipe.gauge(PipeMetric.PIPE_RUNNING),
            },
            right_axis="files",
            right_lines=[watch.line("pipe-not-running")],
            width=width,
        ),
    ]


def _freshness(watch: EventWatch, pipe: PipeMetrics, width: int) -> list[cloudwatch.IWidget]:
    return [
        graph(
            f"4 Freshness: {watch.events}",
            {"newest canary that is a row": pipe.gauge(PipeMetric.END_TO_END_FRESHNESS)},
            left_axis="seconds",
            left_lines=[watch.line("end-to-end-freshness")],
            width=width,
        ),
        graph(
            "From sent to row",
            {
                "end to end, p50": pipe.gauge(PipeMetric.END_TO_END_LATENCY_P50),
                "end to end, p95": pipe.gauge(PipeMetric.END_TO_END_LATENCY_P95),
                "Snowpipe, p50": pipe.gauge(PipeMetric.LOAD_LATENCY_P50),
                "Snowpipe, p95": pipe.gauge(PipeMetric.LOAD_LATENCY_P95),
            },
            left_axis="seconds",
            width=width,
        ),
    ]
