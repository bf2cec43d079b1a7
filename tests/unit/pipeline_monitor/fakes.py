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
from pipeline_monitor.lake import DAY, Lake, Landed
from pipeline_monitor.load_reports import LoadReports
from pipeline_monitor.reports import Past
from pipeline_monitor.rounds import Round
from pipeline_monitor.settings import WatchedPipe
from pipeline_monitor.statements import (
    CanaryRows,
    EvolvedColumns,
    FreeStates,
    LoadHistory,
    NewestRow,
    PipeStates,
    Query,
    RowFiles,
    ShownColumns,
    TableSize,
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


FREE = (PipeStates, FreeStates, TableSize, ShownColumns)
"""Statements that need no warehouse, as tests/faults/test_free_runs.py shows on the stand-in."""


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

    def landed(self, prefix: str, now: datetime, reach: timedelta = DAY) -> Landed:
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
    # The table's last change and its rows, if they are not those of its loads.
    changed: datetime | None = None
    table_rows: int | None = None
    refuse: Callable[[Query], None] = lambda _: None
    asked: list[Query] = field(default_factory=list)

    @property
    def woken(self) -> bool:
        """True if a statement needed the warehouse."""
        return any(not isinstance(each, FREE) for each in self.asked)

    def execute(self, statement: Statement, keep: Callable[[Row], bool] | None = None) -> list[Row]:
        assert isinstance(statement, Query)
        self.asked.append(statement)
        self.refuse(statement)
        if isinstance(statement, PipeStates):
            return [{f"pipe_{number}": json.dumps(self.status) for number in range(len(statement.pipes))}]
        if isinstance(statement, FreeStates):
            return [self._free_state(len(statement.pipes))]
        if isinstance(statement, TableSize):
            rows = sum(load.rows for load in self._there)
            return [
                {
                    "name": statement.name.name.value,
                    "rows": rows if self.table_rows is None else self.table_rows,
                }
            ]
        if isinstance(statement, ShownColumns):
            return [
                {"column_name": name, "schema_evolution_record": record}
                for name, record in self.columns.items()
            ]
        return [
            {"events": pipe.events, **row} for pipe in statement.pipes for row in self._rows(statement, pipe)
        ]

    @property
    def _there(self) -> list[Load]:
        return [load for load in self.loads if load.committed <= self.now]

    def _free_state(self, pipes: int) -> Row:
        ended = [load.committed for load in self._there if load.rows]
        changed = self.changed or max(ended, default=self.now)
        status = json.dumps(
            {"lastIngestedTimestamp": max(ended).isoformat(), **self.status} if ended else self.status
        )
        nanoseconds = int(changed.timestamp() * 1e9)
        return {
            f"{key}_{n}": value
            for n in range(pipes)
            for key, value in (("pipe", status), ("table", nanoseconds))
        }

    def _rows(self, statement: Query, pipe: WatchedPipe) -> list[Row]:
        there = self._there
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
    past: Mapping[str, Past] | None = None,
    histories: LoadReports | None = None,
    clock: Clock | None = None,
    log: Log | None = None,
    lake: Lake | None = None,
) -> Round:
    """One run of a job for these pipes, by default for clicks; on the warehouse, if nothing is known of the past."""
    log, pipes = log or Log(stream=io.StringIO()), pipes or (CLICKS,)
    age = timedelta(minutes=15)
    histories = histories or FakeReports(warehouse)
    clock, lake, now = clock or Clock(), lake or FakeLake(), warehouse.now
    found = Round(warehouse, warehouse, clock, log, now, window, lake, age, histories)
    JOBS[job](found, pipes, past or {pipe.events: Past((reports or {}).get(pipe.events)) for pipe in pipes})
    return found


@dataclass
class FakeReports:
    """The REST API of the same Snowflake: the load history of each pipe; `refused` is raised instead."""

    warehouse: FakeWarehouse
    refused: Exception | None = None

    def since(self, pipe: ObjectName, moment: datetime) -> list[Row]:
        if self.refused:
            raise self.refused
        return [load.row() for load in self.warehouse.loads if moment <= load.committed <= self.warehouse.now]
