"""The buffer before a delivery: records are collected until they reach the size or the interval."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from laptop.aws.firehose.record import Record

DEFAULT_INTERVAL_SECONDS = 300.0
DEFAULT_SIZE_MIB = 5.0
# "Zero buffering" still collects the records of one call: AWS promises seconds, not one object per record.
LEAST_INTERVAL_SECONDS = 0.2


@dataclass(frozen=True)
class BufferingHints:
    """The limits of a buffer: the seconds after its first record, or the bytes, at which it is delivered."""

    interval_seconds: float
    size_bytes: float

    @classmethod
    def of(cls, destination: dict[str, Any]) -> BufferingHints:
        """Read a destination's hints, with AWS's defaults for missing ones."""
        hints = destination.get("BufferingHints") or {}
        interval = float(hints.get("IntervalInSeconds", DEFAULT_INTERVAL_SECONDS))
        size = float(hints.get("SizeInMBs", DEFAULT_SIZE_MIB))
        return cls(
            interval_seconds=max(interval, LEAST_INTERVAL_SECONDS),
            size_bytes=size * 1024 * 1024,
        )

    def takes(self, batch: Batch, record: Record) -> bool:
        """True if the record may join the batch; the size of a destination's buffer is only a hint."""
        return True


@dataclass
class Batch:
    """Records that stay together; `arrived` is the arrival of the oldest."""

    arrived: float = float("inf")
    # The account and region of the first record's request.
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    records: list[Record] = field(default_factory=list)
    size: int = 0
    request_bytes: int = 0

    def add(self, record: Record) -> None:
        """Add a record."""
        self.records.append(record)
        self.arrived = min(self.arrived, record.arrived)
        self.size += len(record.data)
        self.request_bytes += record.request_bytes


class Buffer:
    """Collects one destination's records and passes them on in batches, each exactly once."""

    def __init__(self, hints: BufferingHints, deliver: Callable[[Batch], None]) -> None:
        self._hints = hints
        self._deliver = deliver
        self._lock = threading.Lock()
        self._batch: Batch | None = None
        self._timer: threading.Timer | None = None

    def add(self, records: Iterable[Record]) -> None:
        """Add records; a full batch is delivered at once."""
        full: list[Batch] = []
        with self._lock:
            for record in records:
                if self._batch and not self._hints.takes(self._batch, record):
                    full.append(self._take(self._batch))
                batch = self._batch or self._begin()
                batch.add(record)
                if batch.size >= self._hints.size_bytes:
                    full.append(self._take(batch))
        for batch in full:
            self._deliver(batch)

    @property
    def oldest(self) -> float | None:
        """The arrival of the oldest record in the buffer; None if it is empty."""
        batch = self._batch
        return batch.arrived if batch else None

    def _begin(self) -> Batch:
        batch = self._batch = Batch()
        self._timer = threading.Timer(self._hints.interval_seconds, self._expire, (batch,))
        self._timer.daemon = True
        self._timer.start()
        return batch

    def _take(self, batch: Batch) -> Batch:
        if self._timer is not None:
            self._timer.cancel()
        self._batch = self._timer = None
        return batch

    def _expire(self, batch: Batch) -> None:
        # The timer may fire just after its batch was delivered because of its size.
        with self._lock:
            due = self._batch is batch
            if due:
                self._take(batch)
        if due:
            self._deliver(batch)
