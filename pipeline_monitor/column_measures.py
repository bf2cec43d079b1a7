"""Columns that schema evolution has added, counted by window."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from clickstream_wire.metrics import PipeMetric
from pipeline_monitor.metrics import Measure
from pipeline_monitor.windows import Window, window_of
from snowflake_setup.sql.evolved import EvolvedColumn


def column_measures(
    columns: Sequence[EvolvedColumn], windows: Sequence[Window], now: datetime
) -> Iterator[Measure]:
    """New columns of each window. One whose time cannot be read is new now, and so until a deployment declares it."""
    length = windows[-1].length
    added = Counter(window_of(column.at or now, length) for column in columns)
    for window in windows:
        yield Measure(PipeMetric.NEW_COLUMNS, added[window], "Count", window.start)
