"""The current state of a pipe, as measures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from clickstream_wire.metrics import PipeMetric
from pipeline_monitor.metrics import Measure
from snowflake_setup.sql.pipe_state import PipeState


def pipe_measures(state: PipeState, now: datetime) -> Iterator[Measure]:
    """Running or not, the number of waiting files, and the age of the oldest one."""
    yield Measure(PipeMetric.PIPE_RUNNING, int(state.running), "None", now)
    yield Measure(PipeMetric.PENDING_FILES, state.pending, "Count", now)
    if state.oldest_pending:
        age = (now - state.oldest_pending).total_seconds()
        yield Measure(PipeMetric.OLDEST_PENDING_FILE_AGE, max(0.0, age), "Seconds", now)
    elif not state.pending:
        yield Measure(PipeMetric.OLDEST_PENDING_FILE_AGE, 0, "Seconds", now)
