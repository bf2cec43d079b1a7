"""From "the stream took it" to "it is a row": how many, and how long each took."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil

from snowflake.connector import SnowflakeConnection

from cli.event_rows import IS_EVENT
from cli.snowflake_login import one_row
from snowflake_setup.sql.identifiers import ObjectName, literal

_POLL_SECONDS = 0.1


@dataclass
class SentEvents:
    """Which events the stream took, and when."""

    taken_at: dict[str, float] = field(default_factory=dict)

    def note(self, event_ids: Sequence[str], at: float) -> None:
        """Remember one call's events; `at` is in seconds since the epoch."""
        self.taken_at.update(dict.fromkeys(event_ids, at))


def wait_for_rows(
    session: SnowflakeConnection,
    table: ObjectName,
    *,
    expected: int,
    patience: float,
) -> int:
    """Wait until the table holds `expected` events, or none has come for `patience` seconds; return how many."""
    rows, last_change = -1, time.monotonic()
    with session.cursor() as cursor:
        while True:
            (counted,) = one_row(cursor, f"SELECT COUNT(*) FROM {table} WHERE {IS_EVENT}")
            if counted != rows:
                rows, last_change = int(counted), time.monotonic()
            if rows >= expected or time.monotonic() - last_change > patience:
                return rows
            time.sleep(_POLL_SECONDS)


def seconds_to_row(session: SnowflakeConnection, table: ObjectName, sent: SentEvents) -> dict[str, float]:
    """How long events took from the stream to the table: median, 95th percentile and longest, in seconds.

    An event's row is there when the load of its file is committed, which is what the load history dates.
    """
    with session.cursor() as cursor:
        loads = cursor.execute(_load_times(table)).fetchall()
        committed: dict[str, datetime] = {_file(name): at for name, at in loads}
        rows = cursor.execute(f'SELECT "EVENT_ID", "SOURCE_FILE" FROM {table} WHERE {IS_EVENT}').fetchall()
    taken = sent.taken_at
    waits = sorted(
        committed[_file(file)].timestamp() - taken[event_id]
        for event_id, file in rows
        if event_id in taken and _file(file) in committed
    )
    if not waits:
        return {}
    return {"p50": _percentile(waits, 0.5), "p95": _percentile(waits, 0.95), "max": round(waits[-1], 3)}


def _load_times(table: ObjectName) -> str:
    history = f"{table.parent.database.sql()}.INFORMATION_SCHEMA.COPY_HISTORY"
    since = "DATEADD(HOURS, -24, CURRENT_TIMESTAMP())"
    return (
        "SELECT FILE_NAME, LAST_LOAD_TIME "
        f"FROM TABLE({history}(TABLE_NAME => {literal(str(table))}, START_TIME => {since}))"
    )


def _file(path: str) -> str:
    """Delivery gives every file a unique name, whatever the folder it is listed under."""
    return path.rsplit("/", 1)[-1]


def _percentile(ordered: Sequence[float], share: float) -> float:
    return round(ordered[ceil(share * len(ordered)) - 1], 3)
