"""The view: it has the columns of the template, and every update recreates it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from snowflake_setup.session.errors import (
    DefinitionConflictError,
    PropertyError,
    SnowflakeError,
)
from snowflake_setup.sql.base import Drop, Statement
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.view import CreateView, ReplaceView, ShowView
from tests.unit.snowflake_setup.events import FULL, VIEW, send
from tests.unit.snowflake_setup.fakes import Bench

NAME = ObjectName.of("CLICKSTREAM", "RAW", "CLICKS")
EVENTS = ObjectName.of("CLICKSTREAM", "RAW", "CLICK_EVENTS")
ID = f'acme/VIEW/{FULL}."CLICKS"'
DATA = {"FullName": f'{FULL}."CLICKS"'}


@pytest.fixture(autouse=True)
def _table(bench: Bench) -> None:
    columns = ("EVENT_ID", "EVENT_TYPE", "TIMESTAMP")
    bench.snowflake.tables[EVENTS] = dict.fromkeys(columns, "VARCHAR")


def columns(bench: Bench) -> list[str]:
    return [column.value for column in bench.snowflake.views[NAME].columns]


def test_create_selects_the_columns_of_the_template(bench: Bench) -> None:
    assert send(bench, "Create", "View", VIEW) == (ID, DATA)
    assert bench.snowflake.kinds == ["CREATE VIEW"]
    assert columns(bench) == ["EVENT_ID", "EVENT_TYPE", "TIMESTAMP"]
    assert "*" not in bench.snowflake.views[NAME].sql()


def test_evolved_columns_are_not_shown_until_the_template_has_them(bench: Bench) -> None:
    send(bench, "Create", "View", VIEW)
    hostile = ["A\nB", "\x1b[2J", "A" * 300, "$SET", 'X" FROM SECRETS; DROP TABLE T; --', "*"]
    bench.snowflake.tables[EVENTS].update(dict.fromkeys(["REFERRER", *hostile], "VARCHAR"))
    other = {**VIEW, "Comment": "other words"}
    assert send(bench, "Update", "View", other, old=VIEW, physical_id=ID) == (ID, DATA)
    assert columns(bench) == ["EVENT_ID", "EVENT_TYPE", "TIMESTAMP"]
    listed = {**other, "Columns": [*VIEW["Columns"], "REFERRER", "$SET"]}
    assert send(bench, "Update", "View", listed, old=other, physical_id=ID) == (ID, DATA)
    assert bench.snowflake.kinds == ["CREATE OR REPLACE VIEW"]
    assert columns(bench) == ["EVENT_ID", "EVENT_TYPE", "TIMESTAMP", "REFERRER", "$SET"]
    send(bench, "Update", "View", other, old=listed, physical_id=ID)  # the rollback
    assert columns(bench) == ["EVENT_ID", "EVENT_TYPE", "TIMESTAMP"]


def test_a_view_with_the_same_definition_is_adopted_and_updated(bench: Bench) -> None:
    first = send(bench, "Create", "View", VIEW)
    assert send(bench, "Create", "View", {**VIEW, "Columns": ["EVENT_ID"]}) == first
    assert bench.snowflake.kinds == ["CREATE OR REPLACE VIEW"]
    assert columns(bench) == ["EVENT_ID"]


@pytest.mark.parametrize("change", [{"Key": "TIMESTAMP"}, {"Order": ["EVENT_ID"]}, {"TypeColumn": ""}])
def test_a_view_with_another_definition_is_not_changed(bench: Bench, change: dict[str, Any]) -> None:
    send(bench, "Create", "View", VIEW)
    with pytest.raises(DefinitionConflictError, match="is not the one described here: it reads CREATE VIEW"):
        send(bench, "Create", "View", {**VIEW, **change})
    assert bench.snowflake.kinds == []


def test_only_the_view_of_exactly_that_name_counts(bench: Bench) -> None:
    answers = bench.snowflake.execute

    def with_others(statement: Statement, keep: Any = None) -> Any:
        rows = answers(statement)
        if isinstance(statement, ShowView):
            rows = [{"name": "CLICKSX", "comment": "theirs", "text": ""}, *rows]
        return [row for row in rows if keep is None or keep(row)]

    bench.snowflake.execute = with_others  # type: ignore[method-assign]
    send(bench, "Create", "View", VIEW)
    assert bench.snowflake.kinds == ["CREATE VIEW"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"Key": "ID"}, "has no column ID"),
        ({"Order": ["TIMESTAMP", "SOURCE_ROW"]}, "has no column SOURCE_ROW"),
        ({"TypeColumn": "event_type"}, "has no column event_type"),
        ({"Columns": ["EVENT_ID", "PRICE"]}, "has no column PRICE"),
        ({"Columns": []}, "Columns must be a list of at least 1"),
        ({"Order": []}, "Order must be a list of at least 1"),
        ({"Order": "TIMESTAMP"}, "Order must be a list of at least 1"),
    ],
)
@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_missing_columns_are_reported_before_anything_changes(
    bench: Bench, request_type: str, change: dict[str, Any], told: str
) -> None:
    with pytest.raises(PropertyError, match=told):
        send(bench, request_type, "View", {**VIEW, **change}, old=VIEW, physical_id=ID)
    assert bench.snowflake.kinds == []


def test_a_missing_table_is_reported(bench: Bench) -> None:
    bench.snowflake.tables.clear()
    with pytest.raises(DefinitionConflictError, match="CLICK_EVENTS"):
        send(bench, "Create", "View", VIEW)


def test_an_update_restores_a_view_dropped_or_replaced_by_hand(bench: Bench) -> None:
    send(bench, "Create", "View", VIEW)
    made = bench.snowflake.views[NAME]
    for there in ({}, {NAME: replace(made, comment="theirs")}):
        bench.snowflake.views = there
        send(bench, "Update", "View", VIEW, old=VIEW, physical_id=ID)
        assert bench.snowflake.views[NAME].comment == made.comment
    assert isinstance(bench.snowflake.views[NAME], ReplaceView)


def test_a_failed_create_drops_the_new_object(bench: Bench) -> None:
    def fail_at_second_look(statement: Statement) -> None:
        if isinstance(statement, ShowView) and any(isinstance(s, CreateView) for s in bench.snowflake.sent):
            raise SnowflakeError("out of reach")

    bench.snowflake.before = fail_at_second_look
    with pytest.raises(SnowflakeError, match="out of reach"):
        send(bench, "Create", "View", VIEW)
    assert bench.snowflake.kinds == ["CREATE VIEW", "DROP VIEW"]


def test_delete_uses_the_id(bench: Bench) -> None:
    send(bench, "Create", "View", VIEW)
    assert send(bench, "Delete", "View", {**VIEW, "Name": "SUCCESSOR"}, physical_id=ID) == (ID, {})
    assert [str(s.name) for s in bench.snowflake.sent if isinstance(s, Drop)] == [f'{FULL}."CLICKS"']
    assert bench.snowflake.views == {}


def test_a_new_name_is_a_new_view(bench: Bench) -> None:
    send(bench, "Create", "View", VIEW)
    new_id, _ = send(bench, "Update", "View", {**VIEW, "Name": "OTHER"}, old=VIEW, physical_id=ID)
    assert new_id == f'acme/VIEW/{FULL}."OTHER"'
    assert bench.snowflake.kinds == ["CREATE VIEW"]
