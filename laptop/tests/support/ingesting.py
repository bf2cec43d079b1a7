"""Files for a pipe to load, and checks of the result."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

from laptop.testing.snowflake import Account, Rows
from laptop.testing.waiting import eventually

PIPE = '"DB"."RAW"."PIPE"'
TABLE = '"DB"."RAW"."CLICKS"'
Run = Callable[..., Rows]


def events(*ids: str, **more: Any) -> bytes:
    lines = [json.dumps({"event_id": i, "timestamp": "2024-05-01T10:00:00Z", **more}) for i in ids]
    return gzip.compress("\n".join(lines).encode() + b"\n")


def ids(run: Run) -> list[str]:
    return [row["EVENT_ID"] for row in run(f"SELECT EVENT_ID FROM {TABLE} ORDER BY EVENT_ID")]


def history(run: Run) -> Rows:
    return run(
        f"""SELECT * FROM TABLE("DB".INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => '{TABLE}',
            START_TIME => DATEADD(HOURS, -1, CURRENT_TIMESTAMP()))) ORDER BY LAST_LOAD_TIME"""
    )


def pipe_status(run: Run) -> dict[str, Any]:
    (row,) = run(f"SELECT SYSTEM$PIPE_STATUS('{PIPE}') AS STATUS")
    status: dict[str, Any] = json.loads(row["STATUS"])
    return status


def wait_for(run: Run, *expected: str, seconds: float = 60.0) -> None:
    eventually(lambda: ids(run) == sorted(expected), within=seconds)


def settled(run: Run, account: Account, files: int) -> None:
    """True if all notifications are processed and this many files have a load history."""
    eventually(lambda: not account.queue.undeleted and len(history(run)) == files)
