"""Events of a month, and the records that producers make of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

from producer.packing import RECORD_KIB

SECONDS = 730 * 3600
"""A month, as AWS counts one."""


class Records(NamedTuple):
    """Records of one size in a second.

    Attributes:
        bytes: of one record, without the newline that Firehose appends.
        rate: records a second.
    """

    bytes: float
    rate: float


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """Events as they are sent, evenly over the month.

    Attributes:
        events_per_second: on average, of all producers and kinds of event.
        bytes: of one event with its newline.
        producers: processes that share the events; each fills its own records.
        peak: the busiest minute's rate as a multiple of the average; decides how many shards are needed.
        packed: whether producers put many events into a record, as `clickstream send` does.
    """

    events_per_second: float
    bytes: int
    producers: int = 1
    peak: float = 2.0
    packed: bool = True

    def share(self, kinds: int) -> Traffic:
        """The traffic of one of several kinds of event, which share it evenly."""
        return replace(self, events_per_second=self.events_per_second / kinds)

    @property
    def events(self) -> float:
        """Events in a month."""
        return self.events_per_second * SECONDS

    @property
    def total_bytes(self) -> float:
        """Bytes in a month, uncompressed."""
        return self.events * self.bytes

    def records(self) -> list[Records]:
        """The records of a second.

        A producer packs what arrives within a second (`producer.sending`, linger_seconds): full records, and one with
        the rest.
        """
        if not self.events_per_second:
            return []
        if not self.packed:
            return [Records(self.bytes - 1, self.events_per_second)]
        rate = self.events_per_second / self.producers
        waiting, sends = max(1.0, rate), min(1.0, rate) * self.producers
        fit = max(1, (RECORD_KIB * 1024 + 1) // self.bytes)
        full = math.floor(waiting / fit)
        rest = waiting - full * fit
        found = [Records(fit * self.bytes - 1, full * sends)] if full else []
        return [*found, Records(max(rest, 1) * self.bytes - 1, sends)] if rest else found

    def billed(self, step: int) -> float:
        """Bytes in a month with each record rounded up to a multiple of `step`."""
        return SECONDS * sum(math.ceil(record.bytes / step) * step * record.rate for record in self.records())

    @property
    def record_rate(self) -> float:
        """Records a second."""
        return sum(record.rate for record in self.records())

    @property
    def shards(self) -> int:
        """Shards that carry the peak: 1 MiB and 1,000 records a second each.

        https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
        """
        volume = self.events_per_second * self.bytes / 2**20
        return max(1, math.ceil(self.peak * max(volume, self.record_rate / 1000)))
