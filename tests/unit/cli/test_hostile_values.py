"""Values of events are shown literally: no markup, no terminal control sequences, no crash."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli.commands import demo, query
from cli.output import visible
from cli.round_trip import describe_rows
from snowflake_setup.sql.identifiers import ObjectName

HOSTILE = [
    "[/]",
    "[link=a:b]x[/link]",
    "[bold",
    "\x1b[2J\x1b]0;title\x07",
    "A\u202eB",
    "\x9b31m",
    "a\rb",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_row_with_any_text_is_printed(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    query._print_rows([text], [(text,)])
    printed = capsys.readouterr().out
    assert visible(text).plain in printed
    assert not {"\x1b", "\x9b", "\x07", "\r", "\u202e"} & set(printed)


@pytest.mark.parametrize("text", HOSTILE)
def test_the_demos_summary_is_printed_for_any_events(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    numbers = ("events_sent", "rows_loaded", "distinct_event_ids", "files_loaded", "deploy_seconds")
    result: dict[str, Any] = {
        **dict.fromkeys([*numbers, "events_rejected", "events_failed", "total_seconds"], 1),
        "event_types": {text: 1},
        "properties_by_path": {"path": f"properties:{text}", "most_frequent": {text: 1}},
        "event_to_row_seconds": None,
    }
    demo._print(result, Path("demo.json"), Path("rejects.ndjson"))
    printed = capsys.readouterr().out
    assert printed.count(visible(text).plain) == 3
    assert not {"\x1b", "\x9b", "\x07", "\r", "\u202e"} & set(printed)


def test_text_is_printed_literally() -> None:
    assert visible("Ünï [bold] 日本\tx\ny").plain == "Ünï [bold] 日本\tx\ny"
    assert visible(None).plain == "None"


class _Cursor:
    """Answers the summary's queries about a table with one event."""

    def __init__(self, properties: str) -> None:
        self._properties = properties
        self._sql = ""

    def __enter__(self) -> _Cursor:
        return self

    def __exit__(self, *_: object) -> None: ...

    def execute(self, sql: str) -> _Cursor:
        self._sql = sql
        return self

    def fetchone(self) -> tuple[Any, ...]:
        return (self._properties,) if '"PROPERTIES"' in self._sql else (1, 1, 1, 1)

    def fetchall(self) -> list[tuple[Any, int]]:
        return [(self._sql, 1)]


class _Session:
    def __init__(self, properties: str) -> None:
        self._properties = properties

    def cursor(self) -> _Cursor:
        return _Cursor(self._properties)


@pytest.mark.parametrize("properties", ['{"a\\nb": 1}', '{"": 1}', "{}", '{"a": [1]}'])
def test_a_property_without_a_path_is_not_queried(properties: str) -> None:
    summary = describe_rows(_Session(properties), ObjectName.of("D", "S", "T"))  # type: ignore[arg-type]
    assert summary["properties_by_path"] == {}


def test_a_hostile_property_name_is_quoted() -> None:
    summary = describe_rows(_Session('{"x\\" ; --": 1}'), ObjectName.of("D", "S", "T"))  # type: ignore[arg-type]
    assert '"PROPERTIES":"x"" ; --"::VARCHAR' in next(iter(summary["properties_by_path"]["most_frequent"]))
