"""The view: it has the columns of the template, and is recreated only if query or columns change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from snowflake_setup.objects.view_replacement import protections
from snowflake_setup.session.errors import (
    DefinitionConflictError,
    PropertyError,
    SnowflakeError,
    UnsafeChangeError,
)
from snowflake_setup.sql.base import Drop, Statement
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.view import CreateView, DescribeView, ReplaceView, ShowView
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
    assert 'PARTITION BY "EVENT_ID", "EVENT_DATE" ORDER BY' in bench.snowflake.views[NAME].sql()
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
        ({"EventTime": "HAPPENED"}, "has no column HAPPENED"),
        ({"Arrival": ["RECEIVED_AT", "TIMESTAMP"]}, "has no column RECEIVED_AT"),
        ({"Arrival": []}, "Arrival must be a list of at least 1"),
        ({"LateDays": "366"}, "LateDays: must be a number of days from 0 to 365, got '366'"),
        ({"LateDays": "-1"}, "LateDays: must be a number of days from 0 to 365, got '-1'"),
    ],
)
@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_missing_columns_are_reported_before_anything_changes(
    bench: Bench, request_type: str, change: dict[str, Any], told: str
) -> None:
    with pytest.raises(PropertyError, match=told):
        send(bench, request_type, "View", {**VIEW, **change}, old=VIEW, physical_id=ID)
    assert bench.snowflake.kinds == []


MASKED = " WITH MASKING POLICY #unknown_policy"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"Comment": "other words"}, ["ALTER VIEW SET COMMENT"]),
        ({"Columns": ["EVENT_ID", "TIMESTAMP", "EVENT_TYPE"]}, ["CREATE OR REPLACE VIEW"]),
        ({"Order": ["EVENT_ID"]}, ["CREATE OR REPLACE VIEW"]),
        ({"LateDays": "8"}, ["CREATE OR REPLACE VIEW"]),
    ],
)
def test_only_another_query_or_other_columns_replace_it(
    bench: Bench, change: dict[str, Any], expected: list[str]
) -> None:
    send(bench, "Create", "View", VIEW)
    send(bench, "Update", "View", {**VIEW, **change}, old=VIEW, physical_id=ID)
    assert bench.snowflake.kinds == expected


def test_it_is_replaced_when_a_column_of_the_table_has_another_type(bench: Bench) -> None:
    send(bench, "Create", "View", VIEW)
    bench.snowflake.tables[EVENTS]["TIMESTAMP"] = "TIMESTAMP_TZ(9)"
    send(bench, "Update", "View", VIEW, old=VIEW, physical_id=ID)
    assert bench.snowflake.kinds == ["CREATE OR REPLACE VIEW"]


def test_policies_and_tags_are_not_dropped_and_the_rollback_succeeds(bench: Bench) -> None:
    send(bench, "Create", "View", VIEW)
    bench.snowflake.tables[EVENTS]["REFERRER"] = "VARCHAR"
    wider = {**VIEW, "Columns": [*VIEW["Columns"], "REFERRER"]}
    bench.snowflake.protections[NAME] = MASKED
    with pytest.raises(UnsafeChangeError, match=r"MASKING POLICY #unknown_policy.* Set it on the table"):
        send(bench, "Update", "View", wider, old=VIEW, physical_id=ID)
    send(bench, "Update", "View", VIEW, old=wider, physical_id=ID)
    assert bench.snowflake.kinds == []
    assert bench.snowflake.protections


def test_the_rollback_does_not_run_the_statement_that_failed(bench: Bench) -> None:
    send(bench, "Create", "View", VIEW)
    bench.snowflake.tables[EVENTS]["$SET"] = "VARIANT"
    wider = {**VIEW, "Columns": [*VIEW["Columns"], "$SET"]}
    bench.snowflake.refuse[ReplaceView] = SnowflakeError("invalid identifier", code=904)
    with pytest.raises(SnowflakeError, match="invalid identifier"):
        send(bench, "Update", "View", wider, old=VIEW, physical_id=ID)
    assert send(bench, "Update", "View", VIEW, old=wider, physical_id=ID) == (ID, DATA)
    assert bench.snowflake.kinds == []


@pytest.mark.parametrize("cause", ["policy", "refusal"])
def test_the_rollback_of_an_added_column_succeeds_even_if_the_view_cannot_be_replaced_any_more(
    bench: Bench, cause: str
) -> None:
    bench.snowflake.tables[EVENTS]["REFERRER"] = "VARCHAR"
    wider = {**VIEW, "Columns": [*VIEW["Columns"], "REFERRER"]}
    send(bench, "Create", "View", wider)
    if cause == "policy":
        bench.snowflake.protections[NAME] = MASKED
    else:
        bench.snowflake.refuse[ReplaceView] = SnowflakeError("refused", code=3001)
    assert send(bench, "Update", "View", VIEW, old=wider, physical_id=ID) == (ID, DATA)
    assert columns(bench)[-1] == "REFERRER"
    assert "view keeps columns that are no longer wanted" in bench.output.getvalue()


def test_a_rollback_to_a_template_of_an_earlier_version_leaves_the_view_alone(bench: Bench) -> None:
    undated = {key: value for key, value in VIEW.items() if key not in ("EventTime", "Arrival", "LateDays")}
    earlier = {key: value for key, value in undated.items() if key != "Columns"} | {"Revision": "1"}
    send(bench, "Create", "View", undated)
    bench.snowflake.tables[EVENTS].update({"A\nB": "VARCHAR", "REFERRER": "VARCHAR"})
    send(bench, "Update", "View", earlier, old=undated, physical_id=ID)
    assert bench.snowflake.kinds == []
    bench.snowflake.views.clear()
    send(bench, "Update", "View", earlier, old=undated, physical_id=ID)
    assert columns(bench) == ["EVENT_ID", "EVENT_TYPE", "TIMESTAMP", "REFERRER"]


def test_a_view_of_an_earlier_version_gets_its_date_and_loses_it_in_a_rollback(bench: Bench) -> None:
    undated = {key: value for key, value in VIEW.items() if key not in ("EventTime", "Arrival", "LateDays")}
    send(bench, "Create", "View", undated)
    for new, old, window in ((VIEW, undated, '"EVENT_ID", "EVENT_DATE"'), (undated, VIEW, '"EVENT_ID"')):
        send(bench, "Update", "View", new, old=old, physical_id=ID)
        assert bench.snowflake.kinds == ["CREATE OR REPLACE VIEW"]
        assert f"PARTITION BY {window} ORDER BY" in bench.snowflake.views[NAME].sql()


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"text": None, "owner": "SYSADMIN"}, "belongs to role SYSADMIN, which alone sees its text"),
        ({"text": "", "owner": None}, "belongs to another role, which alone sees its text"),
        ({"text": "create view X as select 1", "owner": "ME"}, "it reads create view X as select 1"),
    ],
)
def test_a_foreign_view_is_described_as_far_as_it_is_shown(
    bench: Bench, row: dict[str, str | None], told: str
) -> None:
    answers = bench.snowflake.execute

    def foreign(statement: Statement, keep: Any = None) -> Any:
        if isinstance(statement, ShowView):
            return [{"name": "CLICKS", "comment": "theirs", **row}]
        return [] if isinstance(statement, DescribeView) else answers(statement, keep)

    bench.snowflake.execute = foreign  # type: ignore[method-assign]
    with pytest.raises(DefinitionConflictError, match=told):
        send(bench, "Create", "View", VIEW)


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("create or replace view V(\n\tPOLICY,\n\tTAG\n) as SELECT POLICY, TAG FROM T;", []),
        ("create view V(\"x MASKING POLICY y\") COMMENT='TAG (a)''ROW ACCESS POLICY b' as SELECT 1", []),
        (
            "create view V(EMAIL MASKING POLICY #unknown_policy, B) as SELECT 1",
            ["MASKING POLICY #unknown_policy"],
        ),
        (
            'create or replace view V(A WITH PROJECTION POLICY "D"."S"."hide it") WITH ROW ACCESS POLICY D.S.P ON (A) '
            "WITH TAG (D.S.COST='x', #UNKNOWN_TAG='#UNKNOWN_VALUE') as SELECT 1",
            [
                'PROJECTION POLICY "D"."S"."hide it"',
                "ROW ACCESS POLICY D.S.P",
                "TAG (D.S.COST='x', #UNKNOWN_TAG='#UNKNOWN_VALUE')",
            ],
        ),
        (
            "create view V(A) with aggregation policy D.S.AGG with join policy J as SELECT 1",
            ["aggregation policy D.S.AGG", "join policy J"],
        ),
    ],
)
def test_policies_and_tags_are_found_in_what_get_ddl_answers(definition: str, expected: list[str]) -> None:
    assert protections(definition) == expected


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
