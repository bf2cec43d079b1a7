"""A fake Snowflake that answers with the loads and canaries of a moment, a lake, and a clock."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline_monitor.canary_event import canary_id
from pipeline_monitor.errors import MonitorError
from pipeline_monitor.jobs import JOBS
from pipeline_monitor.lake import Lake, Landed
from pipeline_monitor.rounds import Round
from pipeline_monitor.settings import WatchedPipe
from pipeline_monitor.statements import (
    CanaryRows,
    EvolvedColumns,
    LoadHistory,
    NewestRow,
    PipeStates,
    Query,
    RowFiles,
)
from snowflake_setup.session.logs import Log
from snowflake_setup.session.session import Row
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import ObjectName

CLICKS = WatchedPipe(
    "clicks", ObjectName.of("DB", "RAW", "PIPE"), ObjectName.of("DB", "RAW", "CLICKS"), "events/"
)
ORDERS = WatchedPipe(
    "orders", ObjectName.of("DB", "RAW", "O_PIPE"), ObjectName.of("DB", "RAW", "ORDERS"), "orders/"
)


@dataclass(frozen=True)
class Load:
    """One file of the load history; `canary` is the time at which its canary was sent."""

    committed: datetime
    status: str = "Loaded"
    rows: int = 10
    errors: int = 0
    seconds: float = 5.0
    canary: datetime | None = None
    file: str = ""

    @property
    def name(self) -> str:
        return (
            self.file or f"dt=1/{self.committed:%H%M%S%f}-{self.status[:6].replace(' ', '')}-{self.rows}.gz"
        )

    @property
    def loaded_at(self) -> datetime:
        """The time at which Snowpipe began to read the file."""
        return self.committed - timedelta(seconds=self.seconds)

    def row(self) -> dict[str, Any]:
        return {
            "file_name": self.name,
            "status": self.status,
            "last_load_time": self.committed,
            "pipe_received_time": self.committed - timedelta(seconds=self.seconds),
            "row_count": self.rows,
            "row_parsed": self.rows + self.errors,
            "file_size": 100 * self.rows,
            "error_count": self.errors,
        }


@dataclass
class Clock:
    """A clock that a test sets."""

    left: float = 30.0

    def now(self) -> datetime:
        raise AssertionError("a round has its own time")

    def remaining(self) -> float:
        return self.left

    def sleep(self, seconds: float) -> None:
        self.left -= seconds


@dataclass
class FakeLake:
    """A lake with these files under each data prefix, `broken` ones excepted; listing takes `seconds`."""

    files: dict[str, dict[str, datetime]] = field(default_factory=dict)
    since: datetime = datetime(2026, 11, 22, 12, tzinfo=UTC)
    broken: Collection[str] = ()
    listing: Callable[[], None] = lambda: None

    def landed(self, prefix: str, now: datetime) -> Landed:
        assert now > self.since
        self.listing()
        if prefix in self.broken:
            raise MonitorError(f"{prefix} was not listed")
        return Landed(self.since, self.files.get(prefix, {}))


@dataclass
class FakeWarehouse:
    """Answers the monitor's statements as of `now`, for each kind of event alike; `refuse` may raise for one."""

    now: datetime
    loads: list[Load] = field(default_factory=list)
    status: dict[str, Any] = field(
        default_factory=lambda: {"executionState": "RUNNING", "pendingFileCount": 0}
    )
    # Columns with the records of schema evolution.
    columns: dict[str, str | None] = field(default_factory=dict)
    # Names in rows, of which the load history knows nothing.
    row_files: list[str] = field(default_factory=list)
    refuse: Callable[[Query], None] = lambda _: None
    asked: list[Query] = field(default_factory=list)

    def execute(self, statement: Statement, keep: Callable[[Row], bool] | None = None) -> list[Row]:
        assert isinstance(statement, Query)
        self.asked.append(statement)
        self.refuse(statement)
        if isinstance(statement, PipeStates):
            return [{f"pipe_{number}": json.dumps(self.status) for number in range(len(statement.pipes))}]
        return [
            {"events": pipe.events, **row} for pipe in statement.pipes for row in self._rows(statement, pipe)
        ]

    def _rows(self, statement: Query, pipe: WatchedPipe) -> list[Row]:
        there = [load for load in self.loads if load.committed <= self.now]
        match statement:
            case EvolvedColumns():
                return [
                    {"column_name": name, "schema_evolution_record": record}
                    for name, record in self.columns.items()
                    if record is not None
                ]
            case LoadHistory(since=since, failed_since=failed_since, files_since=files_since):
                since = min(since, files_since.get(pipe.events, since))
                return [
                    load.row()
                    for load in there
                    if load.committed >= since or (load.committed >= failed_since and load.status != "Loaded")
                ]
            case RowFiles():
                return [{"source_file": name} for name in self.row_files]
            case CanaryRows(since=since):
                return [
                    {
                        "event_id": canary_id(load.canary, pipe.events),
                        "source_file": f"events/{load.name}",
                        "loaded_at": load.loaded_at,
                    }
                    for load in there
                    if load.canary is not None and load.loaded_at >= since
                ]
            case NewestRow():
                return [{"loaded_at": max((load.loaded_at for load in there if load.rows), default=None)}]
            case _:
                raise AssertionError(f"not a statement of the monitor: {statement}")


def round_of(
    job: str,
    warehouse: FakeWarehouse,
    *pipes: WatchedPipe,
    window: timedelta = timedelta(minutes=5),
    reports: Mapping[str, datetime] | None = None,
    clock: Clock | None = None,
    log: Log | None = None,
    lake: Lake | None = None,
) -> Round:
    """One run of a job for these pipes; by default for clicks."""
    log = log or Log(stream=io.StringIO())
    found = Round(
        warehouse, clock or Clock(), log, warehouse.now, window, lake or FakeLake(), timedelta(minutes=15)
    )
    JOBS[job](found, pipes or (CLICKS,), reports or {})
    return found
