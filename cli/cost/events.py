"""Quantities that grow with the events, from the front door to the rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from cli.cost.inventory import Delivery, Function, Inventory, Stream
from cli.cost.traffic import SECONDS, Traffic

Quantity = tuple[str, str, float, str]
"""Service, item, quantity in a month, and its unit in the list of prices."""

HOURS = SECONDS / 3600
MIB, GIB, GB = 2**20, 2**30, 10**9
_KINESIS_STEP, _PUT_UNIT, _FIREHOSE_STEP = 1024, 25 * 1024, 5 * 1024
_MONTH_DAYS = SECONDS / 86_400
_MULTIPART_BELOW_SECONDS = 60
_SMALLEST_MOVED = 128 * 1024
_WEEK = 168


def event_quantities(found: Inventory, traffic: Traffic, given: Mapping[str, float]) -> Iterator[Quantity]:
    """Usage by the events of a month, which the kinds of event share evenly.

    Args:
        found: of the templates.
        traffic: of all kinds of event.
        given: the assumptions.
    """
    share = traffic.share(max(1, len(found.deliveries)))
    for stream in found.streams:
        yield from _data_stream(stream, share)
    for delivery in found.deliveries:
        # Each record is rounded up, also one from a Data Stream: https://aws.amazon.com/firehose/pricing/
        yield "firehose", "ingestion, records rounded up to 5 KB", share.billed(_FIREHOSE_STEP) / GIB, "GB"
        if delivery.gate_size_mib and found.gate:
            yield from _gate(delivery, found.gate, share, given)
        yield from _lake(delivery, share, given)


def _data_stream(stream: Stream, traffic: Traffic) -> Iterator[Quantity]:
    """https://aws.amazon.com/kinesis/data-streams/pricing/; Firehose is its only reader, and reads each byte once."""
    week_hours = max(0, min(stream.retention_hours, _WEEK) - 24)
    later_hours = max(0, stream.retention_hours - _WEEK)
    stored_gb_an_hour = traffic.billed(_KINESIS_STEP) / GIB / HOURS
    if stream.shards:
        yield "kinesis", "shards", stream.shards * HOURS, "shard hour"
        units = SECONDS * sum(math.ceil(each.bytes / _PUT_UNIT) * each.rate for each in traffic.records())
        yield "kinesis", "PUT payload units of 25 KB", units / 1e6, "million PUT units"
        if week_hours:
            yield "kinesis", "retention to 7 days", stream.shards * HOURS, "shard hour to 7 days"
    else:
        yield "kinesis", "stream on demand", HOURS, "stream hour"
        yield "kinesis", "written, records rounded up to 1 KB", traffic.billed(_KINESIS_STEP) / GIB, "GB in"
        yield "kinesis", "read by Firehose", traffic.billed(_KINESIS_STEP) / GIB, "GB out"
        yield "kinesis", "retention to 7 days", week_hours * stored_gb_an_hour, "GB-month to 7 days"
    yield "kinesis", "retention past 7 days", later_hours * stored_gb_an_hour, "GB-month past 7 days"


def _gate(
    delivery: Delivery, gate: Function, traffic: Traffic, given: Mapping[str, float]
) -> Iterator[Quantity]:
    """Firehose calls the gate when its buffer is full or old, and never without a record."""
    rate = traffic.events_per_second * traffic.bytes / MIB
    by_time = min(traffic.record_rate, 1 / max(1, delivery.gate_interval_seconds))
    calls = SECONDS * max(rate / delivery.gate_size_mib, by_time)
    work = rate * SECONDS * given["gate_gb_seconds_per_mib"]
    work += calls * given["gate_call_seconds"] * gate.memory_mib / 1024
    yield "lambda", "calls of the gate", calls / 1e6, "million requests"
    yield "lambda", "work of the gate", work, f"GB-second {gate.architecture}"
    yield "cloudwatch", "logs of the gate", calls * given["log_bytes_per_call"] / GIB, "GB of logs"


def _lake(delivery: Delivery, traffic: Traffic, given: Mapping[str, float]) -> Iterator[Quantity]:
    rate = traffic.events_per_second * traffic.bytes / MIB
    by_time = min(traffic.record_rate, 1 / max(1, delivery.interval_seconds))
    files = SECONDS * max(rate / delivery.size_mib, by_time)
    # https://docs.aws.amazon.com/firehose/latest/dev/buffering-hints.html: multipart uploads below a minute
    puts = 3 if delivery.interval_seconds < _MULTIPART_BELOW_SECONDS else 1
    stored = traffic.total_bytes / given["compression"]
    kept_months = delivery.kept_days / _MONTH_DAYS if delivery.kept_days else given["kept_months"]
    standard_months = kept_months
    if delivery.cool_days and files and stored / files >= _SMALLEST_MOVED:
        standard_months = min(kept_months, delivery.cool_days / _MONTH_DAYS)
        yield "s3", "moves to infrequent access", files / 1e3, "thousand moves to infrequent access"
        cool = stored * (kept_months - standard_months) / GIB
        yield "s3", "events in infrequent access", cool, "GB-month infrequent access"
    yield "s3", "files written by Firehose", puts * files / 1e3, "thousand PUT or LIST"
    yield "s3", "files read by Snowpipe", files / 1e3, "thousand GET"
    yield "s3", "events in standard storage", stored * standard_months / GIB, "GB-month standard"
    # https://docs.snowflake.com/en/user-guide/data-load-snowpipe-billing: text by its uncompressed size, files are free
    credits_ = traffic.total_bytes / GB * given["snowpipe_credits_per_gb"]
    yield "snowflake", "Snowpipe, by uncompressed GB", credits_, "credit"
    yield "snowflake", "rows, kept as long as the files", stored * kept_months / 1e12, "TB-month"


def seconds_to_row(found: Inventory, given: Mapping[str, float]) -> float:
    """The longest time from an event to its row: the producer's second, Firehose's reading, buffers, Snowpipe."""
    waits = [each.gate_interval_seconds + each.interval_seconds for each in found.deliveries]
    # Firehose reads a shard once a second: https://docs.aws.amazon.com/firehose/latest/dev/writing-with-kinesis-streams.html
    return 1 + bool(found.streams) + max(waits, default=0) + given["snowpipe_seconds"]
