"""The two jobs, each of which measures all pipes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from clickstream_wire.environment import JobName
from clickstream_wire.metrics import PipeMetric
from pipeline_monitor.canary_rows import freshness_measure
from pipeline_monitor.failure_measures import column_measure, failure_measures
from pipeline_monitor.file_times import oldest_events
from pipeline_monitor.free_sources import Facts, read_facts
from pipeline_monitor.load_measures import latency_measures, load_measures
from pipeline_monitor.metrics import Measure
from pipeline_monitor.pipe_measures import pipe_measures
from pipeline_monitor.reports import RECENT, Past
from pipeline_monitor.rounds import Pipes, Round, turn
from pipeline_monitor.settings import WatchedPipe
from pipeline_monitor.statements import PipeStates, ShownColumns
from pipeline_monitor.verdict import disagreement, due
from pipeline_monitor.warehouse import compare_on_warehouse
from pipeline_monitor.windows import recent_windows
from snowflake_setup.session.errors import SetupError
from snowflake_setup.sql.evolved import evolved_columns
from snowflake_setup.sql.pipe_state import PipeState

Job = Callable[[Round, Pipes, Mapping[str, Past]], None]


def status(at: Round, pipes: Pipes, past: Mapping[str, Past]) -> None:
    """The state of each pipe; needs no warehouse."""
    for watched, (row,) in at.ask(PipeStates.of, turn(pipes, at.now, timedelta(minutes=1))):
        with at.of(watched) as measures:
            measures += pipe_measures(PipeState.read(row), at.now)


def history(at: Round, pipes: Pipes, past: Mapping[str, Past]) -> None:
    """Loads, failures, missing files and freshness: from sources that need no warehouse, as long as these agree."""
    facts: dict[WatchedPipe, Facts] = {}
    reason = next(filter(None, (due(at, past[pipe.events]) for pipe in pipes)), "")
    if not reason:
        try:
            facts = read_facts(at, pipes, past)
            reason = disagreement(at, facts, past)
        except (SetupError, ValueError, LookupError, TypeError) as error:
            reason = f"{type(error).__name__}: {error}"
    if reason:
        at.log.info("warehouse asked", reason=reason)
        compare_on_warehouse(replace(at, session=at.on_warehouse), pipes, past)
        return
    for pipe, fact in facts.items():
        with at.of(pipe) as measures:
            measures += _measures(at, fact, past[pipe.events])
    evolving = (pipe for pipe in pipes if pipe.schema_evolution)
    for pipe, rows in (answer for each in evolving for answer in at.ask(ShownColumns.of, (each,))):
        with at.of(pipe) as measures:
            measures.append(column_measure(evolved_columns(rows), facts[pipe].since, at.now))


JOBS: dict[str, Job] = {JobName.STATUS: status, JobName.HISTORY: history}


def _measures(at: Round, fact: Facts, before: Past) -> list[Measure]:
    """The measures of a complete comparison, as far as they are known without one.

    No table is fresher than the last canary that was sent: if the canary stops, freshness tells.
    """
    windows = [each for each in recent_windows(at.now, at.window) if each.start >= fact.since]
    times = oldest_events(fact.loads, fact.landed)
    return [
        *load_measures(fact.loads, windows, at.now),
        *failure_measures(fact.loads, fact.since, at.now),
        *latency_measures(times, windows, at.now),
        freshness_measure(min(_newest(times, fact), before.canary or at.now - RECENT), at.now),
        *_missing(at, fact, before),
    ]


def _newest(times: Mapping[datetime, datetime], fact: Facts) -> datetime:
    """The arrival of the newest event that is a row; without any since then, the latest that it can be."""
    return max(times, default=min(fact.state.last_loaded_at or fact.since, fact.since))


def _missing(at: Round, fact: Facts, before: Past) -> list[Measure]:
    """The files missing at the last comparison; none if files might be missing, and the pipe cannot tell."""
    if not before.missing and fact.overlooked(at.file_age, at.now) is None:
        return []
    return [Measure(PipeMetric.FILES_MISSING, before.missing, "Count", at.now)]
