"""A deployed landing, and helpers to check its files."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.pipe import CreatePipe, ReplacePipe
from tests.unit.snowflake_setup.events import FILE_FORMAT, FULL, PIPE, STAGE, TABLE, send
from tests.unit.snowflake_setup.fakes import Bench

CLICKS = ObjectName.of("CLICKSTREAM", "RAW", "CLICK_PIPE")
OTHER = ObjectName.of("CLICKSTREAM", "RAW", "OTHER_PIPE")
EVENTS = ObjectName.of("CLICKSTREAM", "RAW", "CLICK_EVENTS")
LAKE = ObjectName.of("CLICKSTREAM", "RAW", "LAKE")
PIPE_ID = f'acme/PIPE/{FULL}."CLICK_PIPE"'
SKIP_FILE = {**PIPE, "OnError": "SKIP_FILE"}


def url(of: str) -> str:
    return f"s3://lake/events/{of}.gz"


def landed(bench: Bench) -> Bench:
    """A deployed landing with three files loaded a minute apart."""
    send(bench, "Create", "FileFormat", FILE_FORMAT)
    send(bench, "Create", "Stage", STAGE)
    send(bench, "Create", "Table", TABLE)
    send(bench, "Create", "Pipe", PIPE)
    for of in ("a", "b", "c"):
        bench.snowflake.land(url(of))
        bench.clock.time += timedelta(minutes=1)
    return bench


def update(
    bench: Bench, new: dict[str, Any], old: dict[str, Any], physical_id: str = PIPE_ID
) -> tuple[str, Any]:
    return send(bench, "Update", "Pipe", new, old=old, physical_id=physical_id)


def loads(bench: Bench) -> Counter[str]:
    """The number of loads of each file, into any table."""
    return sum(bench.snowflake.rows.values(), Counter[str]())


def once(*names: str) -> Counter[str]:
    return Counter({url(of): 1 for of in names})


def while_paused(bench: Bench, *names: str, notify: bool = True) -> None:
    """Let files land between the pause and the new pipe."""

    def land(statement: Statement) -> None:
        if isinstance(statement, ReplacePipe | CreatePipe):
            bench.clock.time += timedelta(seconds=20)
            for of in names:
                bench.snowflake.land(url(of), notify=notify)

    bench.snowflake.before = land
