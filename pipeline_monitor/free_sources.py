"""The sources that need no warehouse, and their disagreements.

Snowpipe's REST API has the load history, SYSTEM$PIPE_STATUS the queue, SHOW TABLES the number of rows,
SYSTEM$LAST_CHANGE_COMMIT_TIME the last change, and S3 the files. None of them alone shows that all is well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline_monitor.errors import MonitorError
from pipeline_monitor.lake import Files
from pipeline_monitor.loads import FileLoad, read_loads
from pipeline_monitor.missing_files import (
    QUERY_SECONDS,
    overlooked_before,
    without_named,
    without_repaired,
    written_before,
)
from pipeline_monitor.reports import Past
from pipeline_monitor.rounds import Pipes, Round
from pipeline_monitor.settings import WatchedPipe
from pipeline_monitor.statements import FreeStates, TableSize
from snowflake_setup.sql.pipe_state import PipeState

_CLOCKS_DIFFER = timedelta(minutes=1)
# No page says how soon each of the sources shows a load.
_SHOWN_LATE = timedelta(minutes=5)


@dataclass(frozen=True)
class Facts:
    """The answers of these sources about one kind of event since `since`.

    Attributes:
        since: the time from which on all loads are known.
        loads: loads that have ended.
        unknown: files of the lake written since then that the load history does not name.
        landed: all files of the lake written since then.
        state: of the pipe.
        changed: when the table was last changed; roughly.
        rows: in the table; None if that is not known.
    """

    since: datetime
    loads: list[FileLoad]
    unknown: Files
    landed: Files
    state: PipeState
    changed: datetime
    rows: int | None

    def overlooked(self, file_age: timedelta, now: datetime) -> Files | None:
        """Files that should be loaded by now and neither are nor wait; None if that is not known."""
        old = written_before(self.unknown, now - file_age)
        before = overlooked_before(self.state, file_age, now)
        if old and before is None:
            return None
        return written_before(old, before) if before else old

    def doubts(self) -> Iterator[str]:
        """Contradictions between them, other than files that are not loaded."""
        inserted = [load.committed for load in self.loads if load.rows]
        rows = sum(load.rows for load in self.loads)
        if inserted and self.changed < max(inserted) - _SHOWN_LATE:
            yield f"the table has not changed since {self.changed:%H:%M:%S}, and rows were loaded later"
        if self.rows is not None and self.rows < rows:
            yield f"{rows} rows were loaded, and the table has {self.rows}"
        ended = self.state.last_loaded_at
        newest = max((load.committed for load in self.loads), default=self.since)
        if ended and ended > newest + _SHOWN_LATE:
            yield f"the pipe has loaded a file at {ended:%H:%M:%S} that its load history does not show"


def read_facts(at: Round, pipes: Pipes, past: Mapping[str, Past]) -> dict[WatchedPipe, Facts]:
    """Query all sources.

    Raises:
        SetupError: one of them cannot be read, so that nothing is known without a warehouse.
    """
    histories, landed, since = {}, {}, {}
    for pipe in pipes:
        if at.clock.remaining() < QUERY_SECONDS:
            raise MonitorError(f"there was no time left to read the load history of {pipe.pipe}")
        reported = past[pipe.events].reported
        since[pipe] = at.since(reported)
        histories[pipe] = at.reports.since(pipe.pipe, since[pipe])
        listed = at.lake.landed(pipe.data_prefix, at.now, at.now - since[pipe]).files
        landed[pipe] = {path: moment for path, moment in listed.items() if moment >= since[pipe]}
    states = FreeStates.of(pipes)
    answer = at.session.execute(states)
    facts = {}
    for pipe in pipes:
        table = TableSize.of((pipe,))
        (size,) = table.rows_of(pipe, at.session.execute(table))
        (state,) = states.rows_of(pipe, answer)
        named = (str(row["file_name"]) for row in histories[pipe])
        facts[pipe] = Facts(
            since=since[pipe],
            loads=read_loads(histories[pipe]),
            unknown=without_named(without_repaired(landed[pipe], pipe.data_prefix), named),
            landed=landed[pipe],
            state=PipeState.read(state),
            changed=datetime.fromtimestamp(int(state["changed"]) / 1e9, UTC),
            rows=None if size["rows"] is None else int(size["rows"]),
        )
    return facts
