"""What a pipe is doing right now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipeline_monitor.metrics import Measure
from snowflake_setup.sql.pipe_state import PipeState


def pipe_measures(state: PipeState, now: datetime) -> Iterator[Measure]:
    """Whether it runs, how many files wait, and for how long the oldest of them has."""
    yield Measure("PipeRunning", int(state.running), "None", now)
    yield Measure("PendingFiles", state.pending, "Count", now)
    if state.oldest_pending:
        age = (now - state.oldest_pending).total_seconds()
        yield Measure("OldestPendingFileAge", max(0.0, age), "Seconds", now)
    elif not state.pending:
        yield Measure("OldestPendingFileAge", 0, "Seconds", now)
