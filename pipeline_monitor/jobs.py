"""The two jobs, each of which measures all pipes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from clickstream_wire.environment import JobName
from pipeline_monitor.canary_rows import (
    CanaryRow,
    arrivals,
    freshness_measure,
    newest_canary,
    read_canaries,
)
from pipeline_monitor.failure_measures import column_measure, failure_measures, unreported_since
from pipeline_monitor.load_measures import latency_measures, load_measures
from pipeline_monitor.loads import first_commits, read_loads
from pipeline_monitor.missing_files import Comparison
from pipeline_monitor.pipe_measures import pipe_measures
from pipeline_monitor.rounds import Pipes, Round, turn
from pipeline_monitor.statements import CanaryRows, EvolvedColumns, LoadHistory, NewestRow, PipeStates
from pipeline_monitor.windows import recent_windows
from snowflake_setup.sql.evolved import evolved_columns
from snowflake_setup.sql.pipe_state import PipeState
from snowflake_setup.sql.timestamps import timestamp

# A load ends in a later window than it began.
_LONGEST_LOAD = timedelta(minutes=15)

Reports = Mapping[str, datetime]
"""The last report of each kind of event whose metrics have one."""
Job = Callable[[Round, Pipes, Reports], None]


def status(at: Round, pipes: Pipes, reports: Reports) -> None:
    """The state of each pipe; needs no warehouse."""
    for watched, (row,) in at.ask(PipeStates.of, turn(pipes, at.now, timedelta(minutes=1))):
        with at.of(watched) as measures:
            measures += pipe_measures(PipeState.read(row), at.now)


def history(at: Round, pipes: Pipes, reports: Reports) -> None:
    """Loads of the last hour, failures since the last report, missing files, and the canaries.

    Each is published even if others are not known. S3 lists the lake before a query resumes the warehouse.
    """
    pipes = turn(pipes, at.now, at.window)
    comparison = Comparison(at)
    comparison.list_lake(pipes)
    windows = recent_windows(at.now, at.window)
    canaries = _canaries(at, pipes, windows[0].start - _LONGEST_LOAD)
    since = {pipe.events: unreported_since(reports.get(pipe.events), at.now) for pipe in pipes}
    failed_since = min(since.values())
    histories = at.ask(
        lambda some: LoadHistory.of(some, windows[0].start, failed_since, comparison.since), pipes
    )
    for watched, rows in histories:
        with at.of(watched) as measures:
            loads = read_loads(rows)
            measures += load_measures(loads, windows, at.now)
            measures += failure_measures(loads, since[watched.events], at.now)
            arrived = arrivals(canaries.get(watched.events, []), first_commits(loads))
            measures += latency_measures(arrived, windows, at.now)
            comparison.take_away(watched, (str(row["file_name"]) for row in rows))
    _columns(at, tuple(pipe for pipe in pipes if pipe.schema_evolution), since)
    without = tuple(pipe for pipe in pipes if canaries.get(pipe.events) == [])
    _older_canaries(at, without, windows[0].start - _LONGEST_LOAD)
    comparison.measure()


JOBS: dict[str, Job] = {JobName.STATUS: status, JobName.HISTORY: history}


def _canaries(at: Round, pipes: Pipes, since: datetime) -> dict[str, list[CanaryRow]]:
    """The canaries that became rows since then, and freshness: without one, the least that it can be."""
    found = dict[str, list[CanaryRow]]()
    for watched, rows in at.ask(lambda some: CanaryRows.of(some, since), pipes):
        with at.of(watched) as measures:
            found[watched.events] = read_canaries(rows)
            newest = newest_canary(found[watched.events])
            measures.append(freshness_measure(newest or since, at.now))
    return found


def _older_canaries(at: Round, pipes: Pipes, since: datetime) -> None:
    """Freshness of tables without a canary since then: it is at least as old as the newest row.

    Searching for it would read a day of rows, billions in a large table, in the outage that it is to show. One
    statement for all tables might read rows, too, so there is one for each while there is time.
    """
    for pipe in pipes:
        if at.clock.remaining() <= 0:
            return
        for watched, rows in at.ask(NewestRow.of, (pipe,)):
            with at.of(watched) as measures:
                (row,) = rows
                if row["loaded_at"] is not None and timestamp(row["loaded_at"]) < since:
                    measures.append(freshness_measure(timestamp(row["loaded_at"]), at.now))


def _columns(at: Round, pipes: Pipes, since: Mapping[str, datetime]) -> None:
    """Columns that loads have added."""
    for watched, rows in at.ask(EvolvedColumns.of, pipes):
        with at.of(watched) as measures:
            measures.append(column_measure(evolved_columns(rows), since[watched.events], at.now))
