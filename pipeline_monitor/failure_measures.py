"""Failures since the last report, counted at the present: CloudWatch does not alarm on old timestamps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from clickstream_wire.metrics import PipeMetric
from pipeline_monitor.loads import FileLoad
from pipeline_monitor.metrics import Measure
from pipeline_monitor.windows import REACH
from snowflake_setup.sql.evolved import EvolvedColumn

# COPY_HISTORY keeps 14 days, as CloudWatch keeps the minutes of 15: an outage of the monitor may be as long.
LONGEST_OUTAGE = timedelta(days=13)
# A load may be shown only some time after its end.
SHOWN_LATE = timedelta(minutes=15)


def unreported_since(report: datetime | None, now: datetime) -> datetime:
    """The time of the last report, with room for loads shown late; the start of the last hour if there is none."""
    if report is None:
        return now - REACH
    return max(report - SHOWN_LATE, now - LONGEST_OUTAGE)


def failure_measures(loads: Iterable[FileLoad], since: datetime, now: datetime) -> Iterator[Measure]:
    """Files of which nothing was loaded, and rows that were not."""
    recent = [load for load in loads if load.committed >= since]
    yield Measure(PipeMetric.FILES_FAILED, sum(load.failed for load in recent), "Count", now)
    yield Measure(PipeMetric.ROWS_REJECTED, sum(load.rejected for load in recent), "Count", now)


def column_measure(columns: Iterable[EvolvedColumn], since: datetime, now: datetime) -> Measure:
    """Columns that loads have added. One whose time cannot be read counts until a deployment declares it."""
    added = sum(column.at is None or column.at >= since for column in columns)
    return Measure(PipeMetric.NEW_COLUMNS, added, "Count", now)
