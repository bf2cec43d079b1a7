"""The tables of the page, and its queries on them."""

from __future__ import annotations

from typing import cast

from laptop.page.stand_in import Found, StandIn
from laptop.page.tables import Table, find_tables, latest_rows

TABLE = '"DB"."RAW"."CLICKS"'


class Recorded:
    """A stand-in whose tables have these columns; records its statements."""

    def __init__(self, *columns: str) -> None:
        self._columns = columns
        self.asked: list[str] = []

    def run(self, sql: str) -> Found:
        self.asked.append(sql)
        if sql.startswith("SHOW"):
            named = [
                (None, name, "DB", "RAW") for name in (["ONCE"] if "VIEWS" in sql else ["CLICKS", 'A"B'])
            ]
            return Found(["created_on", "name", "database_name", "schema_name"], named)
        if sql.startswith("DESC"):
            return Found(["name", "type"], [(column, "VARCHAR") for column in self._columns])
        if "COUNT(*)" in sql:
            return Found(["n"], [(7,)])
        return Found([*self._columns], [("x", None, 1.5)[: len(self._columns)]])


def test_views_come_before_tables_and_names_are_quoted() -> None:
    found = find_tables(cast(StandIn, Recorded()))
    assert [(table.kind, table.name) for table in found] == [
        ("view", '"DB"."RAW"."ONCE"'),
        ("table", TABLE),
        ("table", '"DB"."RAW"."A""B"'),
    ]


def test_the_newest_rows_come_first_if_the_table_has_their_order() -> None:
    stand_in = Recorded("EVENT", "LOADED_AT", "SOURCE_ROW")
    found = latest_rows(cast(StandIn, stand_in), Table(name=TABLE, kind="table"), limit=5)
    assert f'SELECT * FROM {TABLE} ORDER BY "LOADED_AT" DESC, "SOURCE_ROW" DESC LIMIT 5' in stand_in.asked
    assert (found.count, found.ordered_by, found.rows) == (7, "LOADED_AT", [["x", None, "1.5"]])


def test_a_table_without_an_order_is_read_unsorted() -> None:
    stand_in = Recorded("EVENT")
    found = latest_rows(cast(StandIn, stand_in), Table(name=TABLE, kind="table"), limit=5)
    assert f"SELECT * FROM {TABLE} LIMIT 5" in [" ".join(sql.split()) for sql in stand_in.asked]
    assert found.ordered_by is None
