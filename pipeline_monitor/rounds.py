"""A round: one job for all pipes, regardless of failures on some of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipeline_monitor.errors import MonitorError
from pipeline_monitor.failure_measures import SHOWN_LATE
from pipeline_monitor.lake import Lake
from pipeline_monitor.load_reports import LoadReports
from pipeline_monitor.metrics import Measure
from pipeline_monitor.settings import WatchedPipe
from pipeline_monitor.statements import Query
from pipeline_monitor.windows import recent_windows
from snowflake_setup.session.clock import Clock
from snowflake_setup.session.errors import LoginRefusedError, OutOfTimeError, SetupError
from snowflake_setup.session.logs import Log
from snowflake_setup.session.session import Row, Session

_MINUTE = timedelta(minutes=1)

Pipes = tuple[WatchedPipe, ...]


@dataclass
class Round:
    """The context of a job, and what it has found: measures of each kind of event, and failures to determine them.

    Within `file_age`, a file of the lake is in the queue of its pipe, or loaded. `session` has no warehouse, so that
    Snowflake refuses what would wake one; `on_warehouse` has. `reports` has load histories without a warehouse.
    """

    session: Session
    on_warehouse: Session
    clock: Clock
    log: Log
    now: datetime
    window: timedelta
    lake: Lake
    file_age: timedelta
    reports: LoadReports
    measures: dict[str, list[Measure]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    _no_session: LoginRefusedError | None = None

    def ask(self, query: Callable[[Pipes], Query], pipes: Pipes) -> Iterator[tuple[WatchedPipe, list[Row]]]:
        """Query all pipes at once, and return the rows of each that can be queried.

        If the query is refused, each half of the pipes is queried again, so that one which is broken or hangs hides
        no other and costs little time.
        """
        if not pipes:
            return
        try:
            if self._no_session:
                raise self._no_session
            if self.clock.remaining() <= 0:
                raise OutOfTimeError("the run ended before this pipe was checked")
            statement = query(pipes)
            rows = self.session.execute(statement)
        except LoginRefusedError as error:
            self._no_session = error
            self._failed(pipes, str(error))
        except SetupError as error:
            if len(pipes) == 1 or isinstance(error, OutOfTimeError):
                self._failed(pipes, f"{type(error).__name__}: {error}")
                return
            half = len(pipes) // 2
            yield from self.ask(query, pipes[:half])
            yield from self.ask(query, pipes[half:])
        else:
            for pipe in pipes:
                yield pipe, statement.rows_of(pipe, rows)

    @contextmanager
    def of(self, pipe: WatchedPipe) -> Iterator[list[Measure]]:
        """The pipe's measures, to add to; what cannot be listed or understood is a failure of this pipe alone."""
        try:
            yield self.measures.setdefault(pipe.events, [])
        except (MonitorError, ValueError, LookupError, TypeError) as error:
            self._failed((pipe,), f"{type(error).__name__}: {error}")

    def since(self, reported: datetime | None) -> datetime:
        """The time from which on loads are read without a warehouse: all of two windows, and all since the last report.

        A file that was too young to be missing then is not so now.
        """
        overlap = max(self.file_age, SHOWN_LATE) + _MINUTE
        report = min(reported or self.now, self.now)
        return min(report - overlap, recent_windows(self.now, self.window)[-2].start)

    def failure_text(self) -> str:
        """The failures in one line."""
        return "; ".join(f"{events}: {reason}" for events, reason in self.failures.items())

    def _failed(self, pipes: Sequence[WatchedPipe], reason: str) -> None:
        for pipe in pipes:
            if pipe.events not in self.failures:
                self.failures[pipe.events] = reason
                self.log.error("not determined", events=pipe.events, reason=reason)


def turn(pipes: Pipes, now: datetime, every: timedelta) -> Pipes:
    """The pipes, beginning at another one in each run: where time runs out, it does not always do so for the same."""
    first = int(now.timestamp() / every.total_seconds()) % len(pipes)
    return (*pipes[first:], *pipes[:first])
