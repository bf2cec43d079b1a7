"""Many events into each record, many records into each call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from producer.checking import Event
from producer.target import Limits

RECORD_KIB = 64
"""The default maximum size of a record.

Firehose bills every record rounded up to 5 KB: a single event costs some eighteen times its size, 64 KiB at
most 8 % more. Larger records would save little more, spread less evenly over shards (each accepts 1 MiB a
second) and make every retry larger. They would not save calls, whose limit in bytes is reached first.
"""


class Record(NamedTuple):
    """Events sent as one record.

    Joined by newlines, with none at the end: the delivery stream appends it.
    """

    data: bytes
    events: tuple[Event, ...]


def count_events(records: Iterable[Record]) -> int:
    """The number of events in records."""
    return sum(len(record.events) for record in records)


class Packer:
    """Gathers events until another would not fit into the same call."""

    def __init__(self, limits: Limits, *, record_bytes: int = RECORD_KIB * 1024) -> None:
        if not 1 <= record_bytes <= limits.bytes_per_record:
            raise ValueError(
                f"record size must lie in 1..{limits.bytes_per_record:,} bytes, got {record_bytes:,}"
            )
        self._limits = limits
        self._record_bytes = record_bytes
        self._records: list[Record] = []
        self._events: list[Event] = []
        self._record_size = 0
        self._call_size = 0

    @property
    def is_empty(self) -> bool:
        """True if nothing is pending."""
        return not self._events and not self._records

    def add(self, event: Event) -> list[Record]:
        """Pack one event; return the records of the previous call if this event did not fit into it.

        Raises:
            ValueError: the event alone exceeds the service's record size.
        """
        size = len(event.data)
        if size > self._limits.bytes_per_record:
            raise ValueError(f"event of {size:,} bytes exceeds a record of {self._limits.bytes_per_record:,}")
        if self._events and self._record_size + 1 + size > self._record_bytes:
            self._close_record()
        full = [] if self._fits(size) else self.take()
        growth = self._growth(size)
        self._events.append(event)
        self._record_size += growth
        self._call_size += growth if len(self._events) > 1 else growth + self._limits.overhead_per_record
        return full

    def take(self) -> list[Record]:
        """Return all pending records, as one call."""
        self._close_record()
        records, self._records, self._call_size = self._records, [], 0
        return records

    def _growth(self, size: int) -> int:
        return size + 1 if self._events else size

    def _fits(self, size: int) -> bool:
        if self._events:
            return self._call_size + self._growth(size) <= self._limits.bytes_per_call
        call_size = self._call_size + size + self._limits.overhead_per_record
        return len(self._records) < self._limits.records_per_call and call_size <= self._limits.bytes_per_call

    def _close_record(self) -> None:
        if self._events:
            data = b"\n".join([event.data for event in self._events])
            self._records.append(Record(data, tuple(self._events)))
            self._events, self._record_size = [], 0
