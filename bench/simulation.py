"""The freshness of rows and the shards that a rate needs, by a simple model: docs/scaling.md states what it assumes.

A stream takes what its capacity allows, the gate what its concurrency allows; the rest waits before them. An event then
waits for the buffers, and for Snowpipe.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MIB = 1024**2
# https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
SHARD_BYTES, SHARD_RECORDS = 1_000_000, 1_000
ON_DEMAND_BYTES = 4_000_000
# https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html
ON_DEMAND_FACTOR, ON_DEMAND_SECONDS = 2, 15 * 60


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """A pipeline's settings, and what is assumed of the services; the defaults are those of config/prod.toml.

    Attributes:
        shards: of a provisioned stream; None for one on demand.
        event_bytes: the size of an event with its newline.
        record_bytes: the size of a record into which events are packed.
        linger_seconds: how long the producer waits for a full record.
        gate_interval_seconds: `gate.buffer_interval_seconds`.
        gate_mib: `gate.buffer_size_mib`.
        gate_concurrency: invocations at once that Lambda allows.
        gate_seconds_a_mib: an invocation's time for a MiB, at 512 MiB of memory.
        buffer_interval_seconds: `streaming.buffer_interval_seconds`.
        buffer_mib: `streaming.buffer_size_mib`.
        snowpipe_seconds: from a file in S3 to its rows; Snowflake promises nothing.
        compression: of gzip.
    """

    shards: int | None = None
    event_bytes: int = 400
    record_bytes: int = 64 * 1024
    linger_seconds: float = 1
    gate_interval_seconds: float = 10
    gate_mib: float = 1
    gate_concurrency: int = 1000
    gate_seconds_a_mib: float = 0.3
    buffer_interval_seconds: float = 60
    buffer_mib: float = 128
    snowpipe_seconds: float = 60
    compression: float = 8

    @property
    def gate_bytes(self) -> float:
        """Bytes a second that the gate can take."""
        return self.gate_concurrency / self.gate_seconds_a_mib * MIB

    def unhurried(self, rate: float) -> float:
        """Seconds from the oldest event of a file to its row at a constant rate that is within all capacities."""
        flow = max(rate * self.event_bytes, 1e-9)
        gate = min(self.gate_interval_seconds, self.gate_mib * MIB / flow)
        delivery = min(self.buffer_interval_seconds, self.buffer_mib * MIB / flow)
        return (
            self.linger_seconds
            + gate
            + self.gate_seconds_a_mib * self.gate_mib
            + delivery
            + self.snowpipe_seconds
        )


def shards_for(rate: float, pipeline: Pipeline, *, load: float = 0.7) -> int:
    """Shards of a provisioned stream, so that a rate of events uses at most `load` of them."""
    in_bytes = rate * pipeline.event_bytes / SHARD_BYTES
    a_record = max(pipeline.record_bytes // pipeline.event_bytes, 1)
    in_records = rate / a_record / SHARD_RECORDS
    return max(math.ceil(max(in_bytes, in_records) / load), 1)


def burst(
    rate: float, factor: float, *, lead: int = 60, seconds: int = 600, total: int = 3600
) -> list[float]:
    """Events a second: a base rate, and `factor` times as much for some seconds."""
    return [rate * (factor if lead <= second < lead + seconds else 1) for second in range(total)]


def freshness(rates: Sequence[float], pipeline: Pipeline) -> list[float]:
    """Seconds from an event to its row, for the events of each second."""
    waiting, found = 0.0, []
    for rate, capacity in zip(rates, _capacities(rates, pipeline), strict=True):
        capacity = min(capacity, pipeline.gate_bytes)
        waiting = max(waiting + rate * pipeline.event_bytes - capacity, 0.0)
        flow = min(rate, capacity / pipeline.event_bytes) if not waiting else capacity / pipeline.event_bytes
        found.append(waiting / capacity + pipeline.unhurried(flow))
    return found


def _capacities(rates: Sequence[float], pipeline: Pipeline) -> Iterator[float]:
    """Bytes a second that the stream takes, second by second.

    One on demand takes twice the peak of the last 30 days, for which the first rate stands, and follows a new peak
    after 15 minutes.
    """
    if pipeline.shards is not None:
        yield from [pipeline.shards * float(SHARD_BYTES)] * len(rates)
        return
    peak = max(rates[0] * pipeline.event_bytes, ON_DEMAND_BYTES / ON_DEMAND_FACTOR)
    taken: list[float] = []
    for second, rate in enumerate(rates):
        if second >= ON_DEMAND_SECONDS:
            peak = max(peak, taken[second - ON_DEMAND_SECONDS])
        capacity = peak * ON_DEMAND_FACTOR
        taken.append(min(rate * pipeline.event_bytes, capacity))
        yield capacity
