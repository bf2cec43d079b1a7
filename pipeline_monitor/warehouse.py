"""The complete comparison: all that the warehouse is asked for, in one wake."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from clickstream_wire.metrics import PipeMetric
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
from pipeline_monitor.metrics import Measure
from pipeline_monitor.missing_files import Comparison
from pipeline_monitor.reports import Past
from pipeline_monitor.rounds import Pipes, Round, turn
from pipeline_monitor.statements import CanaryRows, EvolvedColumns, LoadHistory, NewestRow
from pipeline_monitor.windows import recent_windows
from snowflake_setup.sql.evolved import evolved_columns
from snowflake_setup.sql.timestamps import timestamp

# A load ends in a later window than it began.
_LONGEST_LOAD = timedelta(minutes=15)


def compare_on_warehouse(at: Round, pipes: Pipes, past: Mapping[str, Past]) -> None:
    """Loads of the last hour, failures since the last report, missing files of a day, and the canaries.

    Each is published even if others are not known. S3 lists the lake before a query resumes the warehouse.
    """
    pipes = turn(pipes, at.now, at.window)
    comparison = Comparison(at)
    comparison.list_lake(pipes)
    windows = recent_windows(at.now, at.window)
    canaries = _canaries(at, pipes, windows[0].start - _LONGEST_LOAD)
    since = {pipe.events: unreported_since(past[pipe.events].reported, at.now) for pipe in pipes}
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
            measures.append(Measure(PipeMetric.COMPLETE_COMPARISONS, 1, "Count", at.now))
            comparison.take_away(watched, (str(row["file_name"]) for row in rows))
    _columns(at, tuple(pipe for pipe in pipes if pipe.schema_evolution), since)
    without = tuple(pipe for pipe in pipes if canaries.get(pipe.events) == [])
    _older_canaries(at, without, windows[0].start - _LONGEST_LOAD)
    comparison.measure()


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
