"""The statements of a replay, word by word."""

from __future__ import annotations

from cli.replay import statements as sql
from snowflake_setup.sql.copy_into import CopyInto, MetadataColumn
from snowflake_setup.sql.identifiers import Identifier, ObjectName
from snowflake_setup.sql.table import Column
from tests.unit.snowflake_setup.grammar import problems

TABLE, LOADED, REPAIRED = (ObjectName.of("DB", "RAW", name) for name in ("T", "LOADED", "REPAIRED"))
ID = Identifier("EVENT_ID")
COPY = CopyInto(
    TABLE,
    ObjectName.of("DB", "RAW", "LAKE"),
    ObjectName.of("DB", "RAW", "JSON"),
    (MetadataColumn(Identifier("SOURCE_FILE"), "METADATA$FILENAME"),),
    "CONTINUE",
)
FROM_FOLDER = (
    '(SELECT "SOURCE_FILE", "SOURCE_ROW", "EVENT_ID" FROM "DB"."RAW"."T" '
    "WHERE \"SOURCE_FILE\" >= 'e/hh=10/' AND \"SOURCE_FILE\" < 'e/hh=100')"
)
STATEMENTS = [
    (
        sql.CreateTemporary(LOADED, (Column(ID, "VARCHAR NOT NULL", "it's"),), True),
        'CREATE OR REPLACE TEMPORARY TABLE "DB"."RAW"."LOADED" ("EVENT_ID" VARCHAR NOT NULL COMMENT \'it\'\'s\') '
        "ENABLE_SCHEMA_EVOLUTION = TRUE",
    ),
    (
        sql.CopyFiles(LOADED, COPY.sql(), "dt=2026-11-22/hh=10/", ("a.gz", "b'.gz")),
        'COPY INTO "DB"."RAW"."LOADED" FROM @"DB"."RAW"."LAKE"/dt=2026-11-22/hh=10/ FILES = (\'a.gz\', \'b\'\'.gz\') '
        'FILE_FORMAT = (FORMAT_NAME = \'"DB"."RAW"."JSON"\') MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE '
        'INCLUDE_METADATA = ("SOURCE_FILE" = METADATA$FILENAME) ON_ERROR = CONTINUE',
    ),
    (sql.FileNames(LOADED), 'SELECT DISTINCT "SOURCE_FILE" AS FILE FROM "DB"."RAW"."LOADED"'),
    (
        sql.RowNumbers(LOADED, "e/a.gz"),
        'SELECT "SOURCE_ROW" AS ROW_NUMBER FROM "DB"."RAW"."LOADED" WHERE "SOURCE_FILE" = \'e/a.gz\'',
    ),
    (
        sql.InsertRepaired(REPAIRED, (sql.RepairedLines("r", "o", 1, 1), sql.RepairedLines("r", "o", 3, 9))),
        "INSERT INTO \"DB\".\"RAW\".\"REPAIRED\" VALUES ('r', 'o', 1, 1), ('r', 'o', 3, 9)",
    ),
    (
        sql.InsertMissing(TABLE, LOADED, REPAIRED, (ID, Identifier("SOURCE_FILE")), "e/hh=10/"),
        'INSERT INTO "DB"."RAW"."T" ("EVENT_ID", "SOURCE_FILE") SELECT S."EVENT_ID", S."SOURCE_FILE" '
        f'FROM "DB"."RAW"."LOADED" S LEFT JOIN {FROM_FOLDER} T '
        'ON T."SOURCE_FILE" = S."SOURCE_FILE" AND T."SOURCE_ROW" = S."SOURCE_ROW" '
        'LEFT JOIN "DB"."RAW"."REPAIRED" O ON O.ORIGIN = S."SOURCE_FILE" '
        'AND S."SOURCE_ROW" BETWEEN O.FIRST_LINE AND O.LAST_LINE '
        f'LEFT JOIN (SELECT DISTINCT R.REPAIR, U."EVENT_ID" FROM "DB"."RAW"."REPAIRED" R JOIN {FROM_FOLDER} U '
        'ON U."SOURCE_FILE" = R.ORIGIN AND U."SOURCE_ROW" BETWEEN R.FIRST_LINE AND R.LAST_LINE) K '
        'ON K.REPAIR = S."SOURCE_FILE" AND K."EVENT_ID" = S."EVENT_ID" '
        'WHERE T."SOURCE_FILE" IS NULL AND O.ORIGIN IS NULL AND K.REPAIR IS NULL',
    ),
    (sql.AccountParameters(TABLE), "SHOW PARAMETERS IN ACCOUNT"),
    (sql.SetSession(TABLE, (("TIMEZONE", "UTC"),)), "ALTER SESSION SET TIMEZONE = 'UTC'"),
]


def test_every_statement_reads_as_snowflake_expects_it() -> None:
    assert [statement.sql() for statement, _ in STATEMENTS] == [text for _, text in STATEMENTS]
    assert problems(STATEMENTS) == []


def test_repaired_lines_fit_into_a_list_of_values() -> None:
    lines = [sql.RepairedLines("r", "o", number, number) for number in range(25)]
    assert [len(some) for some in sql.in_batches(lines, 10)] == [10, 10, 5]
