"""The tables and views in the stand-in, and their latest rows."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from laptop.page.stand_in import StandIn

# The columns that give the order of arrival, if a table has them.
_ARRIVAL = ("LOADED_AT", "SOURCE_FILE", "SOURCE_ROW")


class Table(BaseModel):
    """A table or view, by its quoted name."""

    name: str
    kind: str


class LatestRows(BaseModel):
    """The latest rows, newest first; values as text, as Snowflake would show them."""

    table: str
    count: int
    ordered_by: str | None
    columns: list[str]
    rows: list[list[str | None]]


def find_tables(stand_in: StandIn) -> list[Table]:
    """All views, which analysts read, then all tables."""
    return [
        Table(name=name, kind=kind)
        for kind in ("view", "table")
        for name in _names(stand_in, f"{kind.upper()}S")
    ]


def latest_rows(stand_in: StandIn, table: Table, *, limit: int) -> LatestRows:
    """The newest `limit` rows, and the number of all rows."""
    described = [row[0] for row in stand_in.run(f"DESC TABLE {table.name}").rows]
    order = [column for column in _ARRIVAL if column in described]
    by = ", ".join(f'"{column}" DESC' for column in order)
    found = stand_in.run(f"SELECT * FROM {table.name} {'ORDER BY ' + by if by else ''} LIMIT {limit:d}")
    ((count,),) = stand_in.run(f"SELECT COUNT(*) FROM {table.name}").rows
    return LatestRows(
        table=table.name,
        count=count,
        ordered_by=order[0] if order else None,
        columns=found.columns,
        rows=[[_text(value) for value in row] for row in found.rows],
    )


def _names(stand_in: StandIn, kinds: str) -> list[str]:
    found = stand_in.run(f"SHOW {kinds} IN ACCOUNT")
    at = [found.columns.index(column) for column in ("database_name", "schema_name", "name")]
    return [".".join(_quoted(row[index]) for index in at) for row in found.rows]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
