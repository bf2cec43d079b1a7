"""`clickstream query`: every value in full under its own column, and no more rows in memory than are shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from snowflake.connector.cursor import SnowflakeCursor

from cli import deployment
from cli.commands.query import query
from cli.output import CommandError, results
from laptop.testing.snowflake import Account

DOUBLED = "SELECT 1 AS A, 2 AS B, 3 AS A"
LONG = "s3://lake/" + "x" * 200


@pytest.fixture(autouse=True)
def connected(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connect every environment to the stand-in."""
    monkeypatch.setattr(deployment.Account, "snowflake", lambda _: account.connect(role="SYSADMIN"))


def ask(sql: str, *, as_json: bool = False) -> None:
    query(sql, env="dev", connection=None, as_json=as_json)


def test_columns_with_the_same_name_keep_their_values(capsys: pytest.CaptureFixture[str]) -> None:
    ask(DOUBLED)
    header, row = (line for line in capsys.readouterr().out.splitlines() if set(line) & set("A1"))
    assert header.split()[1::2] == ["A", "B", "A"]
    assert row.split()[1::2] == ["1", "2", "3"]


def test_json_refuses_columns_with_the_same_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(
        CommandError, match="more than one column is called A; give each its own alias"
    ) as caught:
        ask(DOUBLED, as_json=True)
    assert caught.value.exit_code == 2
    assert capsys.readouterr().out == ""


def test_json_is_an_array_of_objects(capsys: pytest.CaptureFixture[str]) -> None:
    ask("SELECT 1 AS A, NULL AS B", as_json=True)
    assert json.loads(capsys.readouterr().out) == [{"A": 1, "B": None}]


def test_only_the_rows_shown_are_fetched(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def everything(_: Any) -> None:
        raise AssertionError("fetchall would load the whole table into memory")

    monkeypatch.setattr(SnowflakeCursor, "fetchall", everything)
    many = ", ".join(f"({number})" for number in range(40))
    ask(f"SELECT 'row' AS X FROM (VALUES {many}) AS A, (VALUES {many}) AS B")
    printed = capsys.readouterr().out
    assert printed.count("row ") == 1000
    assert "1,600 rows, the first 1,000 shown" in printed


def test_a_long_value_is_one_line_outside_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    ask(f"SELECT '{LONG}' AS FILE_NAME")
    assert [line for line in capsys.readouterr().out.splitlines() if LONG in line] == [f"│ {LONG} │"]


def test_rows_too_wide_for_the_terminal_are_printed_one_value_per_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results(), "width", 40)
    ask(f"SELECT '{LONG}' AS FILE_NAME, 1 AS N UNION ALL SELECT NULL, 2")
    assert capsys.readouterr().out.splitlines() == [
        "-- row 1",
        f"FILE_NAME  {LONG}",
        "N          1",
        "-- row 2",
        "FILE_NAME  NULL",
        "N          2",
    ]
