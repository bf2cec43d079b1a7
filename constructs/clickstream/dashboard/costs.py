"""Graphs of the usage that costs depend on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_

from clickstream.dashboard.graphs import GRID, Row, Series, graph
from clickstream.lake.lake import Lake
from clickstream.metric_source import HOUR
from clickstream.watch.event_watch import EventWatch
from clickstream_wire.metrics import PipeMetric

_NOTES = (
    "## Costs to watch\n"
    "Firehose bills each record as a multiple of 5 KB: put many events into one. "
    "Kinesis shards cost by the hour, on demand by the byte. Snowpipe bills the size before gzip."
)


def costs(watches: Sequence[EventWatch], lake: Lake, functions: Mapping[str, lambda_.IFunction]) -> list[Row]:
    """A note, and below it a graph for each service that charges by use."""
    graphs: list[tuple[str, str, Series, str | None]] = [
        ("Firehose: billed at least", "bytes an hour", _firehose(watches), None),
        ("Kinesis: put", "bytes an hour", _kinesis(watches), None),
        # S3 measures once a day.
        ("S3: kept in the lake", "bytes", _lake(lake), "-P14D"),
        ("Snowpipe: files loaded", "bytes a window", _snowpipe(watches), None),
        ("Lambda: time taken", "milliseconds an hour", _lambda(functions, watches), None),
    ]
    drawn = [each for each in graphs if each[2]]
    width = GRID // len(drawn)
    return [
        (cloudwatch.TextWidget(markdown=_NOTES, width=GRID, height=2),),
        tuple(
            graph(title, series, left_axis=axis, since=since, width=width)
            for title, axis, series, since in drawn
        ),
    ]


def _firehose(watches: Sequence[EventWatch]) -> Series:
    return {
        watch.events: partial(watch.delivery.billed_bytes, str(number), period=HOUR)
        for number, watch in enumerate(watches, start=1)
    }


def _kinesis(watches: Sequence[EventWatch]) -> Series:
    return {
        watch.events: partial(watch.stream.incoming_bytes, period=HOUR) for watch in watches if watch.stream
    }


def _lake(lake: Lake) -> Series:
    return {
        "standard": lake.metric_size,
        "infrequent access": partial(lake.metric_size, "StandardIAStorage"),
    }


def _snowpipe(watches: Sequence[EventWatch]) -> Series:
    return {watch.events: watch.pipe.gauge(PipeMetric.BYTES_LOADED) for watch in watches if watch.pipe}


def _lambda(functions: Mapping[str, lambda_.IFunction], watches: Sequence[EventWatch]) -> Series:
    gates = {
        f"gate of {watch.events}": partial(watch.gate.duration, period=HOUR)
        for watch in watches
        if watch.gate
    }
    return gates | {
        name: partial(function.metric_duration, statistic="Sum", period=HOUR)
        for name, function in functions.items()
    }
