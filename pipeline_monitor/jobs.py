"""The two jobs, each of which measures one pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from clickstream_wire.environment import JobName
from pipeline_monitor.canary_rows import CanaryRow, arrivals, freshness_measures, read_canaries
from pipeline_monitor.column_measures import column_measures
from pipeline_monitor.load_measures import latency_measures, load_measures
from pipeline_monitor.loads import first_commits, read_loads
from pipeline_monitor.metrics import Measure
from pipeline_monitor.pipe_measures import pipe_measures
from pipeline_monitor.settings import WatchedPipe
from pipeline_monitor.statements import CanaryRows, LoadHistory
from pipeline_monitor.windows import recent_windows
from snowflake_setup.session.errors import SetupError
from snowflake_setup.session.session import Session
from snowflake_setup.sql.evolved import evolved_columns
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.pipe import PipeStatus
from snowflake_setup.sql.pipe_state import PipeState
from snowflake_setup.sql.table import ShowColumns

# A load may have begun before its window, and after a long outage the last canary is older than any window.
_CANARY_REACH = (timedelta(hours=2), timedelta(days=1))


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
    missed: SetupError | None = None
    try:
        canaries = _canaries(look, watched.table)
    except SetupError as error:
        canaries, missed = [], error
    yield from freshness_measures(canaries, look.now)
    loads = read_loads(look.session.execute(LoadHistory(watched.table, windows[0].start)))
    yield from load_measures(loads, windows, look.now)
    yield from latency_measures(arrivals(canaries, first_commits(loads)), windows, look.now)
    if missed:
        raise missed


JOBS: dict[str, Job] = {JobName.STATUS: status, JobName.HISTORY: history}


def _canaries(look: Look, table: ObjectName) -> list[CanaryRow]:
    """Recent canaries; if there are none, those of the last day."""
    for reach in _CANARY_REACH:
        found = read_canaries(look.session.execute(CanaryRows(table, look.now - reach)))
        if found:
            return found
    return []
