"""Snowflake's command line, snow: the ten commonest commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Client = Callable[..., str]
JSON = ("--format", "json")


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("connection list", '"connection_name": "laptop"'),
        ("connection test", '"Status": "OK"'),
        ("object list table", '"name": "CLICKS"'),
        ("object list view --like clicks%", '"name": "CLICKS_ONCE"'),
        ("object list warehouse", '"name": "COMPUTE_WH"'),
        ("object describe table CLICKS", '"type": "NUMBER(8,2)"'),
        ("stage list", '"url": "s3://shop/events/"'),
        ("stage list-files @LAKE", '"name": "s3://shop/events/1.json"'),
    ],
)
def test_a_command(client: Client, command: str, shown: str) -> None:
    assert shown in client("snow", *command.split(), *JSON)


def test_a_query(client: Client) -> None:
    sql = "SELECT id, properties:os::string AS os FROM clicks_once ORDER BY id"
    assert json.loads(client("snow", "sql", "--query", sql, *JSON)) == [
        {"ID": "a", "OS": "X"},
        {"ID": "b", "OS": "Y"},
    ]


def test_a_file_of_statements(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "statements.sql"
    file.write_text("CREATE TABLE T (A INT);\nINSERT INTO T VALUES (7);\nSELECT A FROM T;\nDROP TABLE T;")
    *_, selected, dropped = json.loads(client("snow", "sql", "--filename", str(file), *JSON))
    assert (selected, dropped) == ([{"A": 7}], [{"status": "T successfully dropped."}])


@pytest.mark.parametrize(
    ("command", "limit"),
    [
        (("sql", "--query", "CREATE TASK t AS SELECT 1"), "CREATE TASK"),
        (("object", "create", "database", "name=D"), "requests to /api/v2/databases/"),
    ],
)
def test_a_limit_of_the_stand_in(client: Client, command: tuple[str, ...], limit: str) -> None:
    said = " ".join(client("snow", *command, code=1).replace("│", " ").split())
    assert f"The laptop's stand-in cannot run this: {limit}. Snowflake may." in said
