"""The exact text of the monitor's statements, and their check against Snowflake's grammar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from pipeline_monitor.settings import WatchedPipe
from pipeline_monitor.statements import (
    CanaryRows,
    EvolvedColumns,
    FreeStates,
    LoadHistory,
    NewestRow,
    PipeStates,
    RowFiles,
    ShownColumns,
    TableSize,
)
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import ObjectName
from tests.unit.snowflake_setup.grammar import problems, statements_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAWN = NOON - timedelta(hours=6)
PIPES = (
    WatchedPipe("clicks", ObjectName.of("DB", "RAW", "PIPE'S"), ObjectName.of("DB", "RAW", "IT'S"), "e/"),
    WatchedPipe("orders", ObjectName.of("DB", "RAW", "P"), ObjectName.of("OTHER", "RAW", "ORDERS"), "o/"),
)
HISTORY = (
    "SELECT '{events}' AS EVENTS, FILE_NAME, STATUS, LAST_LOAD_TIME, PIPE_RECEIVED_TIME, ROW_COUNT, ROW_PARSED, "
    "FILE_SIZE, ERROR_COUNT FROM TABLE({database}.INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => '{table}', "
    "START_TIME => TO_TIMESTAMP_LTZ('2026-11-23T06:00:00.000+00:00'))) WHERE PIPE_RECEIVED_TIME IS NOT NULL "
    "AND (LAST_LOAD_TIME >= TO_TIMESTAMP_LTZ('2026-11-23T{since}:00:00.000+00:00') OR STATUS <> 'Loaded')"
)
STATEMENTS: list[tuple[Statement, str]] = [
    (
        PipeStates.of(PIPES),
        """SELECT SYSTEM$PIPE_STATUS('"DB"."RAW"."PIPE''S"') AS PIPE_0, """
        """SYSTEM$PIPE_STATUS('"DB"."RAW"."P"') AS PIPE_1""",
    ),
    (
        FreeStates.of(PIPES[:1]),
        """SELECT SYSTEM$PIPE_STATUS('"DB"."RAW"."PIPE''S"') AS PIPE_0, """
        """SYSTEM$LAST_CHANGE_COMMIT_TIME('"DB"."RAW"."IT''S"') AS TABLE_0""",
    ),
    (TableSize.of(PIPES[:1]), """SHOW TABLES LIKE 'IT''S' IN SCHEMA "DB"."RAW\""""),
    (ShownColumns.of(PIPES[:1]), """SHOW COLUMNS IN TABLE "DB"."RAW"."IT'S\""""),
    (
        LoadHistory.of(PIPES, NOON, DAWN, {"orders": NOON - timedelta(hours=1)}),
        HISTORY.format(events="clicks", database='"DB"', table="""\"DB"."RAW"."IT''S\"""", since=12)
        + " UNION ALL "
        + HISTORY.format(events="orders", database='"OTHER"', table='"OTHER"."RAW"."ORDERS"', since=11),
    ),
    (
        RowFiles.of(PIPES[:1], {"clicks": NOON, "orders": DAWN}),
        """SELECT DISTINCT 'clicks' AS EVENTS, "SOURCE_FILE" FROM "DB"."RAW"."IT'S" """
        """WHERE "LOADED_AT" >= TO_TIMESTAMP_LTZ('2026-11-23T12:00:00.000+00:00')""",
    ),
    (
        NewestRow.of(PIPES[:1]),
        """SELECT 'clicks' AS EVENTS, MAX("LOADED_AT") AS LOADED_AT FROM "DB"."RAW"."IT'S\"""",
    ),
    (
        CanaryRows.of(PIPES[:1], NOON.astimezone(timezone(timedelta(hours=1)))),
        """SELECT 'clicks' AS EVENTS, "EVENT_ID", "SOURCE_FILE", "LOADED_AT" FROM "DB"."RAW"."IT'S" """
        """WHERE "LOADED_AT" >= TO_TIMESTAMP_LTZ('2026-11-23T12:00:00.000+00:00') AND "EVENT_TYPE" = '_canary'""",
    ),
    (
        EvolvedColumns.of(PIPES[:1]),
        """SELECT 'clicks' AS EVENTS, COLUMN_NAME, SCHEMA_EVOLUTION_RECORD FROM "DB".INFORMATION_SCHEMA.COLUMNS """
        "WHERE TABLE_SCHEMA = 'RAW' AND TABLE_NAME = 'IT''S' AND SCHEMA_EVOLUTION_RECORD IS NOT NULL",
    ),
]


@pytest.mark.parametrize(("statement", "sql"), STATEMENTS, ids=lambda value: getattr(value, "kind", ""))
def test_a_statement_renders_exactly_this(statement: Statement, sql: str) -> None:
    assert statement.sql() == sql
    needs = {"PipeStates": "MONITOR ON PIPE", "FreeStates": "MONITOR ON PIPE and SELECT ON TABLE"}
    wanted = needs.get(type(statement).__name__, "SELECT ON TABLE")
    assert (statement.reads, statement.needs) == (True, wanted)


def test_every_statement_is_tested_here() -> None:
    assert {type(statement) for statement, _ in STATEMENTS} == statements_of("pipeline_monitor")


def test_snowflakes_grammar_accepts_every_statement() -> None:
    assert problems(STATEMENTS) == []
