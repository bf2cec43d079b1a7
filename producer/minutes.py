"""One line a minute for the log of a long-running producer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import TextIO

from clickstream_wire.metrics import LogField
from producer.report import Report

MINUTE = 60.0

_COUNTED = (LogField.SENT.value, "retried", "rejected", "failed", "records", "bytes")


class MinuteLines:
    """Writes the counts since the previous line as one JSON object; pass `write_if_due` as `on_progress`.

    The first line is written as soon as the stream accepts an event, as a sign that the producer works.

    Args:
        out: the output, flushed after each line.
        fields: the first fields of every line.
        now: a clock in seconds.
        seconds: between two lines.
    """

    def __init__(
        self,
        out: TextIO,
        fields: Mapping[str, str],
        *,
        now: Callable[[], float] = time.monotonic,
        seconds: float = MINUTE,
    ) -> None:
        self._out = out
        self._fields = dict(fields)
        self._now = now
        self._seconds = seconds
        self._told = dict.fromkeys(_COUNTED, 0)
        self._due: float | None = None

    def write_if_due(self, report: Report) -> None:
        """Write a line if one is due: at the first accepted event, then every minute."""
        now = self._now()
        if self._due is None and report.sent:
            self._due = now
        if self._due is not None and now >= self._due:
            self._write(report)
            following = self._due + self._seconds
            self._due = following if following > now else now + self._seconds

    def finish(self, report: Report) -> None:
        """Write the remaining counts, and the reason for the end."""
        self._write(report, stopped=report.stopped or "asked to")

    def _write(self, report: Report, **more: str) -> None:
        counts = {name: int(getattr(report, name)) for name in _COUNTED}
        since = {name: count - self._told[name] for name, count in counts.items()}
        self._told = counts
        print(json.dumps({**self._fields, **since, **more}), file=self._out, flush=True)
