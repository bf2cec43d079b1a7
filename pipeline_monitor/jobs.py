"""The two jobs, each of which measures one pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from clickstream_wire.environment import JobName
from pipeline_monitor.canary_rows import (
    CanaryRow,
    arrivals,
    freshness_measure,
    newest_canary,
    read_canaries,
)
from pipeline_monitor.column_measures import column_measures
from pipeline_monitor.load_measures import latency_measures, load_measures
from pipeline_monitor.loads import first_commits, read_loads
from pipeline_monitor.metrics import Measure
from pipeline_monitor.pipe_measures import pipe_measures
from pipeline_monitor.settings import WatchedPipe
from pipeline_monitor.statements import CanaryRows, LoadHistory, NewestRow
from pipeline_monitor.windows import recent_windows
from snowflake_setup.session.errors import SetupError
from snowflake_setup.session.session import Session
from snowflake_setup.sql.evolved import evolved_columns
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.pipe import PipeStatus
from snowflake_setup.sql.pipe_state import PipeState
from snowflake_setup.sql.table import ShowColumns
from snowflake_setup.sql.timestamps import timestamp

# A load ends in a later window than it began.
_LONGEST_LOAD = timedelta(minutes=15)


@dataclass(frozen=True)
class Look:
    """The context of a job."""

    session: Session
    now: datetime
    window: timedelta


Job = Callable[[Look, WatchedPipe], Iterator[Measure]]


def status(look: Look, watched: WatchedPipe) -> Iterator[Measure]:
    """The state of the pipe, and columns that loads have added; needs no warehouse."""
    row = look.session.execute(PipeStatus(watched.pipe))[0]
    yield from pipe_measures(PipeState.read(row), look.now)
    if watched.schema_evolution:
        columns = evolved_columns(look.session.execute(ShowColumns(watched.table)))
        yield from column_measures(columns, recent_windows(look.now, look.window), look.now)


def history(look: Look, watched: WatchedPipe) -> Iterator[Measure]:
    """Loads of the last hour, and the canaries; each is published even if the other cannot be determined."""
    windows = recent_windows(look.now, look.window)
    since = windows[0].start - _LONGEST_LOAD
    canaries: list[CanaryRow] = []
    missed: SetupError | None = None
    try:
        canaries = read_canaries(look.session.execute(CanaryRows(watched.table, since)))
        newest = newest_canary(canaries) or _older_canary(look, watched.table, since)
        if newest is not None:
            yield freshness_measure(newest, look.now)
    except SetupError as error:
        missed = error
    loads = read_loads(look.session.execute(LoadHistory(watched.table, windows[0].start)))
    yield from load_measures(loads, windows, look.now)
    yield from latency_measures(arrivals(canaries, first_commits(loads)), windows, look.now)
    if missed:
        raise missed


JOBS: dict[str, Job] = {JobName.STATUS: status, JobName.HISTORY: history}


def _older_canary(look: Look, table: ObjectName, since: datetime) -> datetime | None:
    """The latest time at which a canary before `since` can have been sent; None if the table is empty.

    Searching for it would read a day of rows, billions in a large table, in the outage that it is to show.
    """
    (row,) = look.session.execute(NewestRow(table))
    return None if row["loaded_at"] is None else min(since, timestamp(row["loaded_at"]))
