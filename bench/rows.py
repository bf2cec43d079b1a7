"""One day of thirty by the view and by the dynamic table, against the bare table, on the laptop's stand-in.

The stand-in is DuckDB: it shows what the window costs when it is computed, not what Snowflake prunes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from bench.figure import Figure, in_turn, medians, ratios
from bench.run import Run
from laptop.snowflake.names import Name
from laptop.snowflake.objects import Table
from laptop.snowflake.tables import physical
from laptop.testing.snowflake import Account, KeyPair
from snowflake_setup.sql.dynamic_table import CreateDynamicTable
from snowflake_setup.sql.event_date import EventDate
from snowflake_setup.sql.first_arrivals import FirstArrivals, Kept
from snowflake_setup.sql.identifiers import Identifier, ObjectName
from snowflake_setup.sql.view import CreateView

_ROWS = 20_000_000
_TABLE, _ONCE, _KEPT, _SHOWN = (
    ObjectName.of("DB", "RAW", name) for name in ("CLICKS", "ONCE", "KEPT", "SHOWN")
)
_COLUMNS = tuple(Identifier(name) for name in ("EVENT_ID", "EVENT_TYPE", "TIMESTAMP"))
_QUERY = FirstArrivals(
    table=_TABLE,
    key=Identifier("EVENT_ID"),
    order=(Identifier("LOADED_AT"), Identifier("SOURCE_ROW")),
    type_column=Identifier("EVENT_TYPE"),
    date=EventDate((Identifier("RECEIVED_AT"), Identifier("LOADED_AT")), Identifier("TIMESTAMP"), 3),
)
_CREATE = (
    'CREATE DATABASE "DB"',
    'CREATE SCHEMA "DB"."RAW"',
    f'CREATE TABLE {_TABLE} ("EVENT_ID" VARCHAR, "EVENT_TYPE" VARCHAR, "TIMESTAMP" TIMESTAMP_LTZ, '
    '"RECEIVED_AT" TIMESTAMP_LTZ, "LOADED_AT" TIMESTAMP_LTZ, "SOURCE_ROW" NUMBER(38,0))',
)
_DAY, _NEXT_DAY = "2026-11-15", "2026-11-16"


def measure(run: Run) -> list[Figure]:
    """Count the types of one day's events three ways, in turn."""
    rows = run.size(_ROWS)
    with _account(run) as account:
        query = partial(account.run, "ACCOUNTADMIN")
        query(*_CREATE)
        _fill(account, rows)
        query(CreateView(_ONCE, "", _QUERY, _COLUMNS).sql())
        query(CreateDynamicTable(_KEPT, _QUERY, _COLUMNS, 60, Identifier("COMPUTE_WH"), "").sql())
        query(f"CREATE VIEW {_SHOWN} AS {Kept(_KEPT).sql(_COLUMNS)}")
        wheres = {
            "bare table": f"{_TABLE} WHERE \"TIMESTAMP\" >= '{_DAY}' AND \"TIMESTAMP\" < '{_NEXT_DAY}'",
            "view": f"{_ONCE} WHERE EVENT_DATE = '{_DAY}'",
            "dynamic table": f"{_SHOWN} WHERE EVENT_DATE = '{_DAY}'",
        }
        sides = {name: partial(_seconds, query, where) for name, where in wheres.items()}
        found = in_turn(sides, min(run.rounds, 3))
    return [
        Figure(
            name=f"one day of thirty, {rows:,} rows: {name}",
            against="bare table",
            values=ratios(found[name], found["bare table"]),
            parts=medians({key: found[key] for key in (name, "bare table")}, "s"),
        )
        for name in ("view", "dynamic table")
    ]


@contextmanager
def _account(run: Run) -> Iterator[Account]:
    account = Account(run.scratch / "snowflake", KeyPair())
    try:
        yield account
    finally:
        account.close_connections()
        account.server.stop()


def _fill(account: Account, rows: int) -> None:
    """Thirty days of rows in the order of their arrival, as the stand-in stores them."""
    table = account.engine.catalog.get(Table, Name(tuple(part.value for part in _TABLE.parts)))
    moment = f"TIMESTAMP '2026-11-01' + INTERVAL (number * {30 * 86400 * 1000 // rows}) MILLISECOND"
    account.engine.store.execute(
        f"INSERT INTO {physical(table)} SELECT 'e' || number, 'page_view', "
        f"{moment}, {moment}, {moment}, number FROM range({rows}) AS _(number)"
    )


def _seconds(query: Callable[..., Any], where: str) -> float:
    started = time.perf_counter()
    query(f"SELECT EVENT_TYPE, COUNT(*) FROM {where} GROUP BY EVENT_TYPE")
    return time.perf_counter() - started
