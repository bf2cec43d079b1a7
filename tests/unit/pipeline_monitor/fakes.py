"""A fake Snowflake that answers with the loads and canaries of a moment."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pipeline_monitor.canary_event import canary_id
from pipeline_monitor.settings import WatchedPipe
from pipeline_monitor.statements import CanaryRows, LoadHistory, NewestRow
from snowflake_setup.session.session import Row
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.pipe import PipeStatus
from snowflake_setup.sql.table import ShowColumns

CLICKS = WatchedPipe("clicks", ObjectName.of("DB", "RAW", "PIPE"), ObjectName.of("DB", "RAW", "CLICKS"))
ORDERS = WatchedPipe("orders", ObjectName.of("DB", "RAW", "O_PIPE"), ObjectName.of("DB", "RAW", "ORDERS"))


@dataclass(frozen=True)
class Load:
    """One file of the load history; `canary` is the time at which its canary was sent."""

    committed: datetime
    status: str = "Loaded"
    rows: int = 10
    errors: int = 0
    seconds: float = 5.0
    canary: datetime | None = None

    @property
    def name(self) -> str:
        return f"dt=1/{self.committed:%H%M%S%f}-{self.status[:6].replace(' ', '')}-{self.rows}.gz"

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
class FakeWarehouse:
    """Answers the monitor's statements as of `now`; `refuse` may raise for one."""

    now: datetime
    loads: list[Load] = field(default_factory=list)
    status: dict[str, Any] = field(
        default_factory=lambda: {"executionState": "RUNNING", "pendingFileCount": 0}
    )
    # Columns with the records of SHOW COLUMNS.
    columns: dict[str, str | None] = field(default_factory=dict)
    refuse: Callable[[Statement], None] = lambda _: None
    asked: list[Statement] = field(default_factory=list)

    def execute(self, statement: Statement, keep: Callable[[Row], bool] | None = None) -> list[Row]:
        self.asked.append(statement)
        self.refuse(statement)
        there = [load for load in self.loads if load.committed <= self.now]
        match statement:
            case PipeStatus():
                return [{"SYSTEM$PIPE_STATUS": json.dumps(self.status)}]
            case ShowColumns():
                return [
                    {"column_name": name, "schema_evolution_record": record}
                    for name, record in self.columns.items()
                ]
            case LoadHistory(since=since):
                return [load.row() for load in there if load.committed >= since]
            case CanaryRows(since=since):
                return [
                    {
                        "event_id": canary_id(load.canary, "clicks"),
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
