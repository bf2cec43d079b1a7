from __future__ import annotations

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laptop.snowflake.datatypes import DataType
from laptop.snowflake.errors import SnowflakeError
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import Column, OnError
from laptop.snowflake.sql.grant_statements import Membership, Privileges
from laptop.snowflake.sql.parser import parse
from laptop.snowflake.sql.show_statements import Describe, Show
from laptop.snowflake.sql.statements import (
    AddColumns,
    Alter,
    Create,
    CreatePipe,
    CreateTable,
    Drop,
    ListStage,
    Query,
    RefreshPipe,
    Use,
)

WORDS = [
    *(
        "CREATE",
        "OR",
        "REPLACE",
        "IF",
        "NOT",
        "EXISTS",
        "ALTER",
        "DROP",
        "SHOW",
        "LIKE",
        "DESC",
        "USE",
        "GRANT",
    ),
    *(
        "PIPE",
        "TABLE",
        "STAGE",
        "USER",
        "ROLE",
        "FILE",
        "FORMAT",
        "COLUMN",
        "ADD",
        "SET",
        "ON",
        "TO",
        "IN",
        "AS",
    ),
    *(
        "COPY",
        "INTO",
        "FROM",
        "COMMENT",
        "URL",
        "TYPE",
        "JSON",
        "VARCHAR",
        "NULL",
        "TRUE",
        "1",
        "'x'",
        '"A"',
        "@S",
    ),
    *("=", "(", ")", ",", ".", ";"),
]


def test_create_pipe() -> None:
    statement = parse(
        """create pipe if not exists db.s.p auto_ingest = true comment = 'def:1' as
        copy into db.s."t" from @db.s.st/sub/ file_format = (format_name = db.s.json)
        match_by_column_name = case_insensitive include_metadata = (f = metadata$filename)
        on_error = 'skip_file_5%' ;"""
    )
    assert isinstance(statement, CreatePipe)
    assert (statement.name, statement.if_not_exists) == (Name(("DB", "S", "P")), True)
    assert statement.fields == {"auto_ingest": True, "comment": "def:1"}
    assert statement.definition.startswith("copy into")
    assert statement.definition.endswith("'skip_file_5%'")
    copy = statement.copy
    assert (copy.table, copy.stage, copy.path) == (Name(("DB", "S", "t")), Name(("DB", "S", "ST")), "sub/")
    assert (copy.file_format, copy.include_metadata) == (
        Name(("DB", "S", "JSON")),
        {"F": "METADATA$FILENAME"},
    )
    assert copy.on_error == OnError(mode="SKIP_FILE", limit=5, percent=True)


def test_create_table() -> None:
    statement = parse("CREATE TABLE T (\"a\" NUMBER(10, 2) NOT NULL COMMENT 'price', B TEXT) COMMENT = 'x'")
    assert isinstance(statement, CreateTable)
    assert statement.columns == (
        Column(name="a", type=DataType("NUMBER", precision=10, scale=2), nullable=False, comment="price"),
        Column(name="B", type=DataType("VARCHAR")),
    )
    assert statement.fields == {"comment": "x"}


def test_create_user() -> None:
    statement = parse(
        "CREATE USER IF NOT EXISTS U TYPE = SERVICE WORKLOAD_IDENTITY = (TYPE = AWS ARN = 'arn')"
    )
    assert isinstance(statement, Create)
    assert statement.fields == {"type": "SERVICE", "workload_identity": "arn"}


def test_a_pem_key_is_unwrapped() -> None:
    statement = parse(
        "ALTER USER U SET RSA_PUBLIC_KEY = '-----BEGIN PUBLIC KEY-----\nQUJD\nREVG\n-----END PUBLIC KEY-----'"
    )
    assert statement == Alter(Kind.USER, Name(("U",)), False, {"rsa_public_key": "QUJDREVG"})


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("DROP FILE FORMAT IF EXISTS a.b.c", Drop(Kind.FILE_FORMAT, Name(("A", "B", "C")), True)),
        ("USE ROLE r", Use(Kind.ROLE, Name(("R",)))),
        ("DESC TABLE IDENTIFIER('a.\"b\"') TYPE = COLUMNS", Describe(Kind.TABLE, Name(("A", "b")))),
        ("USE a.b", Use(Kind.SCHEMA, Name(("A", "B")))),
        ("SHOW PIPES LIKE 'x%' IN SCHEMA a.b", Show(Kind.PIPE, "x%", "SCHEMA", Name(("A", "B")))),
        ("LIST @s/a", ListStage(Name(("S",)), "a")),
        ("GRANT ROLE r TO USER u", Membership(True, "R", Kind.USER, "U")),
        (
            "GRANT CREATE FILE FORMAT, USAGE ON SCHEMA a.b TO ROLE r",
            Privileges(True, ("CREATE FILE FORMAT", "USAGE"), Kind.SCHEMA, Name(("A", "B")), "R"),
        ),
        (
            "ALTER PIPE p REFRESH PREFIX = 'x/' MODIFIED_AFTER = '2024-01-01T00:00:00Z'",
            RefreshPipe(Name(("P",)), False, "x/", dt.datetime(2024, 1, 1, tzinfo=dt.UTC)),
        ),
        (
            "ALTER TABLE t ADD COLUMN IF NOT EXISTS x FLOAT",
            AddColumns(Name(("T",)), False, True, (Column(name="X", type=DataType("FLOAT")),)),
        ),
        ("ALTER TABLE t UNSET COMMENT", Alter(Kind.TABLE, Name(("T",)), False, {"comment": ""})),
        ("/* c */ (SELECT 1)", Query("/* c */ (SELECT 1)")),
    ],
)
def test_statements(sql: str, expected: object) -> None:
    assert parse(sql) == expected


@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join) | st.text(max_size=40))
def test_any_text_is_parsed_or_refused_with_snowflakes_error(sql: str) -> None:
    with contextlib.suppress(SnowflakeError):
        parse(sql)


@given(st.sampled_from(["DROP TABLE t", "USE ROLE r", "SHOW PIPES", "CREATE ROLE r COMMENT = 'x'", "COMMIT"]))
def test_nothing_after_the_statement_is_ignored(sql: str) -> None:
    with pytest.raises(SnowflakeError):
        parse(f"{sql} nonsense here")


def test_a_syntax_error_at_a_string_does_not_show_it() -> None:
    with pytest.raises(SnowflakeError) as caught:
        parse("ALTER STAGE s SET CREDENTIALS 'hidden'")
    assert "hidden" not in caught.value.message
