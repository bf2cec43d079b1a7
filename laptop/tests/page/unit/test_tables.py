"""Which tables the page may read, and what it asks of them."""

from __future__ import annotations

from typing import Any, cast

from laptop.page.stand_in import Found, StandIn
from laptop.page.tables import DeployedTable, deployed_tables, latest_rows

TABLE = '"DB"."RAW"."CLICKS"'


class Stacks:
    """A CloudFormation with one stack of these resources (type, physical id)."""

    def __init__(self, *resources: tuple[str, str]) -> None:
        self._resources = resources

    def get_paginator(self, operation: str) -> Stacks:
        self._operation = operation
        return self

    def paginate(self, **asked: str) -> list[dict[str, Any]]:
        if self._operation == "describe_stacks":
            return [{"Stacks": [{"StackName": "landing"}]}]
        assert asked == {"StackName": "landing"}
        found = [{"ResourceType": kind, "PhysicalResourceId": name} for kind, name in self._resources]
        return [{"StackResourceSummaries": [*found, {"ResourceType": "Custom::SnowflakeTable"}]}]


class Recorded:
    """A stand-in whose tables have these columns, and which says what it was asked."""

    def __init__(self, *columns: str) -> None:
        self._columns = columns
        self.asked: list[str] = []

    def run(self, sql: str) -> Found:
        self.asked.append(sql)
        if sql.startswith("DESC"):
            return Found(["name", "type"], [(column, "VARCHAR") for column in self._columns])
        if "COUNT(*)" in sql:
            return Found(["n"], [(7,)])
        return Found([*self._columns], [("x", None, 1.5)[: len(self._columns)]])


def tables(*resources: tuple[str, str]) -> list[tuple[str, str]]:
    return [(table.kind, table.name) for table in deployed_tables(cast(Any, Stacks(*resources)))]


def test_tables_and_views_are_those_of_the_stacks() -> None:
    assert tables(
        ("AWS::S3::Bucket", "lake"),
        ("Custom::SnowflakeView", 'local/VIEW/"DB"."RAW"."CLICKS_ONCE"'),
        ("Custom::SnowflakeTable", f"local/TABLE/{TABLE}"),
        ("Custom::SnowflakePipe", 'local/PIPE/"DB"."RAW"."CLICKS"'),
    ) == [("table", TABLE), ("view", '"DB"."RAW"."CLICKS_ONCE"')]


def test_an_id_that_is_no_name_is_never_part_of_a_statement() -> None:
    for physical_id in (
        "failed-1234",
        "local/TABLE/DB.RAW.X; DROP TABLE X",
        'local/TABLE/"A"."B"."C" WHERE 1',
        "",
    ):
        assert tables(("Custom::SnowflakeTable", physical_id)) == []


def test_the_newest_rows_come_first_where_the_table_tells_their_order() -> None:
    stand_in = Recorded("EVENT", "LOADED_AT", "SOURCE_ROW")
    found = latest_rows(cast(StandIn, stand_in), DeployedTable(name=TABLE, kind="table"), limit=5)
    assert f'SELECT * FROM {TABLE} ORDER BY "LOADED_AT" DESC, "SOURCE_ROW" DESC LIMIT 5' in stand_in.asked
    assert (found.count, found.ordered_by, found.rows) == (7, "LOADED_AT", [["x", None, "1.5"]])


def test_a_table_that_tells_no_order_is_read_as_it_is() -> None:
    stand_in = Recorded("EVENT")
    found = latest_rows(cast(StandIn, stand_in), DeployedTable(name=TABLE, kind="table"), limit=5)
    assert f"SELECT * FROM {TABLE} LIMIT 5" in [" ".join(sql.split()) for sql in stand_in.asked]
    assert found.ordered_by is None
