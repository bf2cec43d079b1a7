"""The exact text of the monitor's statements, and their check against Snowflake's grammar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from pipeline_monitor.statements import CanaryRows, LoadHistory, NewestRow
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import ObjectName
from tests.unit.snowflake_setup.grammar import problems, statements_of

N = ObjectName.of("DB", "RAW", "IT'S")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
STATEMENTS: list[tuple[Statement, str]] = [
    (
        LoadHistory(N, NOON),
        "SELECT FILE_NAME, STATUS, LAST_LOAD_TIME, PIPE_RECEIVED_TIME, ROW_COUNT, ROW_PARSED, FILE_SIZE, ERROR_COUNT "
        """FROM TABLE("DB".INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => '"DB"."RAW"."IT''S"', """
        "START_TIME => TO_TIMESTAMP_LTZ('2026-11-23T12:00:00.000+00:00'))) WHERE PIPE_RECEIVED_TIME IS NOT NULL",
    ),
    (NewestRow(N), """SELECT MAX("LOADED_AT") AS LOADED_AT FROM "DB"."RAW"."IT'S\""""),
    (
        CanaryRows(N, NOON.astimezone(timezone(timedelta(hours=1)))),
        """SELECT "EVENT_ID", "SOURCE_FILE", "LOADED_AT" FROM "DB"."RAW"."IT'S" """
        """WHERE "LOADED_AT" >= TO_TIMESTAMP_LTZ('2026-11-23T12:00:00.000+00:00') AND "EVENT_TYPE" = '_canary'""",
    ),
]


@pytest.mark.parametrize(("statement", "sql"), STATEMENTS, ids=lambda value: getattr(value, "kind", ""))
def test_a_statement_renders_exactly_this(statement: Statement, sql: str) -> None:
    assert statement.sql() == sql
    assert (statement.reads, statement.needs) == (True, "SELECT ON TABLE")


def test_every_statement_is_tested_here() -> None:
    assert {type(statement) for statement, _ in STATEMENTS} == statements_of("pipeline_monitor")


def test_snowflakes_grammar_accepts_every_statement() -> None:
    assert problems(STATEMENTS) == []
