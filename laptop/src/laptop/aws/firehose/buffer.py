"""The wait before a delivery: records gather until they are many enough or old enough."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

DEFAULT_INTERVAL_SECONDS = 300.0
DEFAULT_SIZE_MIB = 5.0
# "Zero buffering" still gathers what one call brings: AWS promises seconds, not one object a record.
_LEAST_INTERVAL_SECONDS = 0.2


@dataclass(frozen=True)
class BufferingHints:
    """The limits of a buffer: it is delivered so many seconds after its first record, or at so many bytes."""

    interval_seconds: float
    size_bytes: float

    @classmethod
    def of(cls, destination: dict[str, Any]) -> BufferingHints:
        """Read a destination's hints, with AWS's defaults for what it leaves out."""
        hints = destination.get("BufferingHints") or {}
        interval = float(hints.get("IntervalInSeconds", DEFAULT_INTERVAL_SECONDS))
        size = float(hints.get("SizeInMBs", DEFAULT_SIZE_MIB))
        return cls(
            interval_seconds=max(interval, _LEAST_INTERVAL_SECONDS),
            size_bytes=size * 1024 * 1024,
        )


@dataclass
class Batch:
    """Records that will become one S3 object; `arrived` is when the oldest of them came."""

    arrived: float = field(default_factory=time.time)
    # The account and region of the request that brought the first record.
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    records: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, record: bytes) -> None:
        """Take one more record."""
        self.records.append(record)
        self.size += len(record)


class Buffer:
    """Gathers one destination's records and hands them on, batch by batch, each exactly once."""

    def __init__(self, hints: BufferingHints, deliver: Callable[[Batch], None]) -> None:
        self._hints = hints
        self._deliver = deliver
        self._lock = threading.Lock()
        self._batch: Batch | None = None
        self._timer: threading.Timer | None = None

    def add(self, records: Iterable[bytes]) -> None:
        """Take records; a batch that is full goes out at once."""
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
        """The arrival of the oldest record that still waits here; None if none waits."""
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
        # The timer may fire just after its batch was taken for its size.
        with self._lock:
            due = self._batch is batch
            if due:
                self._take(batch)
        if due:
            self._deliver(batch)
