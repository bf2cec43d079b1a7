"""The buffer before a delivery: records are collected until they reach the size or the interval."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

DEFAULT_INTERVAL_SECONDS = 300.0
DEFAULT_SIZE_MIB = 5.0
# "Zero buffering" still collects the records of one call: AWS promises seconds, not one object per record.
_LEAST_INTERVAL_SECONDS = 0.2


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
            interval_seconds=max(interval, _LEAST_INTERVAL_SECONDS),
            size_bytes=size * 1024 * 1024,
        )


@dataclass
class Batch:
    """Records that will become one S3 object; `arrived` is the arrival of the oldest."""

    arrived: float = field(default_factory=time.time)
    # The account and region of the first record's request.
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    records: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, record: bytes) -> None:
        """Add a record."""
        self.records.append(record)
        self.size += len(record)


class Buffer:
    """Collects one destination's records and passes them on in batches, each exactly once."""

    def __init__(self, hints: BufferingHints, deliver: Callable[[Batch], None]) -> None:
        self._hints = hints
        self._deliver = deliver
        self._lock = threading.Lock()
        self._batch: Batch | None = None
        self._timer: threading.Timer | None = None

    def add(self, records: Iterable[bytes]) -> None:
        """Add records; a full batch is delivered at once."""
        full: list[Batch] = []
        with self._lock:
            for record in records:
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
