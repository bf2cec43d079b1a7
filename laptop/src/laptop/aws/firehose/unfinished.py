"""Batches that a background worker has not finished yet."""

from __future__ import annotations

import threading

from laptop.aws.firehose.buffer import Batch


class Unfinished:
    """The unfinished batches of all delivery streams."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._batches: dict[int, tuple[str, float]] = {}

    def begin(self, stream_arn: str, batch: Batch) -> None:
        """Note a batch; a retry may note it again."""
        with self._lock:
            self._batches[id(batch)] = stream_arn, batch.arrived

    def end(self, batch: Batch) -> None:
        """Forget a finished batch."""
        with self._lock:
            self._batches.pop(id(batch), None)

    def oldest(self, stream_arn: str) -> float | None:
        """The arrival of a stream's oldest record that is not finished; None if all are."""
        with self._lock:
            return min((at for arn, at in self._batches.values() if arn == stream_arn), default=None)
