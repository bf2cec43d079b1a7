"""Rejects of loads: each row once, with its file, line, reason and text."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from cli.output import CommandError
from cli.rejects import loads
from cli.rejects.entry import Entry
from cli.rejects.lake import RejectLake
from cli.rejects.loads import LoadedFiles, LoadRejects, load_rejects, text_of
from cli.rejects.refused_rows import ErrorRows, ListedRows
from cli.rejects.selection import Selection
from config.files import load_config
from snowflake_setup.session.errors import SnowflakeError
from snowflake_setup.session.session import Row
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import ObjectName
from tests.unit.cli.rejects.lakes import NOW, Bucket
from tests.unit.snowflake_setup.grammar import problems

CONFIG = load_config("dev")
CLICKS = CONFIG.event_stream("clicks")
KEY = f"{CLICKS.data_prefix}dt=2026-11-22/hh=10/a.gz"
LINES = [b'{"event_id": "1"}', b'{"event_id": "2", "vip": "x"}', b"{bad", b'{"event_id": "4"}', b""]


def loaded(status: str = "Partially loaded", **columns: Any) -> dict[str, Any]:
    """A row of COPY_HISTORY."""
    return {
        "file_name": "dt=2026-11-22/hh=10/a.gz",
        "stage_location": f"s3://lake/{CLICKS.data_prefix}",
        "status": status,
        "last_load_time": NOW,
        "pipe_received_time": NOW,
        "row_count": 2,
        "row_parsed": 3,
        "file_size": 100,
        "error_count": 1,
        "first_error_message": "no number",
        "first_error_line_number": 2,
        "first_error_column_name": "VIP",
        **columns,
    }


def refused(line: int | None, error: str = "no number", **columns: Any) -> dict[str, Any]:
    """A row of VALIDATE_PIPE_LOAD."""
    named = {
        "file": f"{CLICKS.data_prefix}dt=2026-11-22/hh=10/a.gz",
        "category": "conversion",
        "column_name": "VIP",
    }
    return {**named, "line": line, "row_number": line, "error": error, **columns}


def kept(row: int | None, error: str = "no number", *, at: datetime = NOW, **details: Any) -> dict[str, Any]:
    """A row of the error table, as the connector returns it."""
    place = {"file_name": f"{CLICKS.data_prefix}dt=2026-11-22/hh=10/a.gz"} | (
        {"row_number": row} if row else {}
    )
    told = {"error_message": error, "error_source": "VIP", "service": "snowpipe", "details": place | details}
    return {
        "timestamp": at,
        "error_code": 100071 if row else 100069,
        "error_metadata": json.dumps(told),
        "error_data": json.dumps({"$1": '{"vip": "x"}'}) if row else None,
    }


@dataclass
class History:
    """Answers the three queries."""

    files: list[dict[str, Any]]
    rows: list[dict[str, Any]] = field(default_factory=list)
    kept: list[dict[str, Any]] = field(default_factory=list)
    forbidden: type[Statement] | None = None
    asked: list[Statement] = field(default_factory=list)

    def execute(self, statement: Statement, keep: Callable[[Row], bool] | None = None) -> list[Row]:
        self.asked.append(statement)
        if type(statement) is self.forbidden:
            raise SnowflakeError("insufficient privileges")
        answers = {LoadedFiles: self.files, ListedRows: self.rows, ErrorRows: self.kept}
        return [*answers[type(statement)]]


@pytest.fixture(name="lake")
def _lake() -> RejectLake:
    bucket = Bucket()
    bucket.put(KEY, gzip.compress(b"\n".join(LINES)))
    return RejectLake(bucket, "lake")


def entries(history: History, lake: RejectLake, days: int = 1) -> list[Entry]:
    return [*LoadRejects(history, lake, CONFIG).entries([CLICKS], NOW - timedelta(days=days), NOW)]


def test_each_refused_row_has_its_file_line_reason_and_text(lake: RejectLake) -> None:
    history = History([loaded(error_count=2)], [refused(1), refused(2), refused(2, "another error")])
    first, second = entries(history, lake)
    assert (first.reject_id, second.reject_id) == (f"{KEY}:1", f"{KEY}:2")
    assert (second.events, second.reason, second.message) == ("clicks", "row_refused", "VIP: another error")
    assert (second.at, second.key, text_of(second, lake)) == (NOW, KEY, LINES[1])


def test_the_error_table_is_the_source_of_rows(lake: RejectLake) -> None:
    history = History([loaded(error_count=2)], kept=[kept(1), kept(2, "too long")])
    first, second = entries(history, lake)
    assert (first.reject_id, second.reject_id) == (f"{KEY}:1", f"{KEY}:2")
    assert (second.reason, second.message, second.lines) == ("row_refused", "VIP: too long", (2,))
    assert (second.at, text_of(second, lake)) == (NOW, LINES[1])
    assert not any(isinstance(statement, ListedRows) for statement in history.asked)


def test_a_row_in_both_sources_is_listed_once(lake: RejectLake) -> None:
    history = History(
        [loaded(error_count=3, row_parsed=4)],
        [refused(1, "as the pipe says"), refused(2), refused(3, "Error parsing JSON", category="parsing")],
        [kept(2, "as the table says"), kept(None, "Error parsing JSON")],
    )
    found = entries(history, lake)
    assert [(entry.lines, entry.message) for entry in found] == [
        ((1,), "VIP: as the pipe says"),  # from before the error table was used
        ((2,), "VIP: as the table says"),
        ((3,), "VIP: Error parsing JSON"),
    ]


def test_rows_without_a_place_are_listed_with_what_snowflake_kept(lake: RejectLake) -> None:
    nowhere = {**kept(None, "Error parsing JSON"), "error_data": json.dumps({"$1": "{bad"})}
    history = History([loaded(error_count=2)], kept=[nowhere, nowhere], forbidden=ListedRows)
    first, second, unread = entries(history, lake)
    assert len({first.reject_id, second.reject_id}) == 2
    assert (first.lines, text_of(first, lake), unread.reason) == ((), b"{bad", "not_read")


def test_rows_of_files_that_the_history_forgot_are_still_listed(lake: RejectLake) -> None:
    (entry,) = entries(History([], kept=[kept(2, at=NOW - timedelta(days=60))]), lake, days=90)
    assert (entry.reject_id, entry.key, entry.at) == (f"{KEY}:2", KEY, NOW - timedelta(days=60))
    assert text_of(entry, lake) == LINES[1]


@pytest.mark.parametrize("name", ["file", "FILE_NAME", "source_file", "filename", "file_path"])
@pytest.mark.parametrize("number", ["row_number", "FILE_ROW_NUMBER", "row", "line", "line_number"])
def test_fields_of_any_likely_name_say_where_a_row_is(lake: RejectLake, name: str, number: str) -> None:
    told = {"error_message": "no", "service": "snowpipe", "details": {name: KEY, number: "2"}}
    row = {**kept(2), "error_metadata": json.dumps(told)}
    (entry,) = entries(History([loaded()], kept=[row]), lake)
    assert (entry.key, entry.lines, entry.message) == (KEY, (2,), "no")


@pytest.mark.parametrize("metadata", [None, "", "no JSON", "[]", "{}"])
def test_an_error_without_metadata_is_still_one(lake: RejectLake, metadata: str | None) -> None:
    (entry,) = entries(History([], kept=[{**kept(2), "error_metadata": metadata}]), lake)
    assert (entry.reason, entry.message, entry.data) == ("row_refused", "100071", b'{"vip": "x"}')


def test_without_an_error_table_the_pipe_is_asked(
    lake: RejectLake, capsys: pytest.CaptureFixture[str]
) -> None:
    history = History([loaded()], [refused(2)], forbidden=ErrorRows)
    assert [entry.lines for entry in entries(history, lake)] == [(2,)]
    assert "without the error table" in capsys.readouterr().err


def test_a_hundred_thousand_refused_rows_are_listed_in_seconds(lake: RejectLake) -> None:
    rows = [kept(number) for number in range(1, 100_001)]
    started = time.process_time()
    assert len(entries(History([loaded(error_count=100_000)], kept=rows), lake)) == 100_000
    assert time.process_time() - started < 10


def test_rows_that_snowflake_counts_but_does_not_list_are_counted(lake: RejectLake) -> None:
    found = entries(History([loaded(error_count=1000)], [refused(2)]), lake)
    assert [entry.message for entry in found] == [
        "VIP: no number",
        "999 more rows of this file, which Snowflake does not list",
    ]


def test_without_the_rights_of_the_pipes_owner_the_first_error_of_a_file_is_known(
    lake: RejectLake, capsys: pytest.CaptureFixture[str]
) -> None:
    history = History([loaded(error_count=3)], forbidden=ListedRows)
    assert [entry.message for entry in entries(history, lake)] == [
        "VIP: no number",
        "2 more rows of this file, which Snowflake does not list",
    ]
    assert "only the first error is known: insufficient privileges" in capsys.readouterr().err


@pytest.mark.parametrize("status", ["Load failed", "Load skipped", "A state to come"])
def test_a_file_of_which_nothing_was_loaded_is_one_reject(lake: RejectLake, status: str) -> None:
    whole = loaded(status, row_count=0, first_error_message="Schema Evolution:\ntoo many")
    (entry,) = entries(History([whole], [refused(0), refused(None)]), lake)
    told = f"{status}: Schema Evolution: too many"
    assert (entry.reject_id, entry.reason, entry.message) == (KEY, "file_refused", told)
    assert text_of(entry, lake) == b"\n".join(LINES)


def test_lines_after_one_that_is_not_json_are_listed_if_they_were_not_read(lake: RejectLake) -> None:
    broken = refused(3, "invalid JSON", category="parsing", column_name=None)
    found = entries(History([loaded()], [broken]), lake)
    assert [(entry.reason, entry.message) for entry in found] == [
        ("row_refused", "invalid JSON"),
        ("not_read", "lines 4 to 4 were not read, after one that is not JSON"),
    ]
    assert len(entries(History([loaded(row_parsed=4, row_count=3)], [broken]), lake)) == 1


def test_without_refused_rows_the_pipe_is_not_queried(lake: RejectLake) -> None:
    history = History(
        [loaded("Loaded", error_count=0, row_count=3), loaded("Load in progress", last_load_time=None)]
    )
    assert entries(history, lake) == []
    assert [type(statement) for statement in history.asked] == [LoadedFiles, ErrorRows]


def test_the_history_is_asked_for_as_long_as_snowflake_keeps_it(lake: RejectLake) -> None:
    history = History([])
    entries(history, lake, days=90)
    files, rows = history.asked
    assert isinstance(files, LoadedFiles)
    assert timedelta(days=13) < NOW - files.since < timedelta(days=14)
    assert isinstance(rows, ErrorRows)
    assert rows.since == NOW - timedelta(days=91)


def test_a_damaged_file_is_shown_as_it_is(lake: RejectLake) -> None:
    damaged = b"\x1f\x8bno gzip"
    lake._s3.put(KEY, damaged)
    (entry,) = entries(History([loaded("Load failed")]), lake)
    assert text_of(entry, lake) == damaged


def test_a_snowflake_out_of_reach_is_a_note(
    lake: RejectLake, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unreachable:
        config = CONFIG

        def snowflake(self) -> Any:
            raise CommandError("cannot log in")

    class Refusing(Unreachable):
        def snowflake(self) -> Any:
            return nullcontext()

    monkeypatch.setattr(loads, "OwnSession", lambda _: History([], forbidden=LoadedFiles))
    selection = Selection(since=NOW)
    for deployment, why in ((Unreachable(), "cannot log in"), (Refusing(), "insufficient privileges")):
        assert [*load_rejects(deployment, lake, [CLICKS], selection)] == []  # type: ignore[arg-type]
        assert f"what Snowflake refused to load is not listed: {why}" in capsys.readouterr().err


def test_the_statements_are_sql_of_snowflake() -> None:
    name = ObjectName.of("DB", "RAW", "IT'S")
    statements: list[Statement] = [LoadedFiles(name, NOW), ListedRows(name, NOW), ErrorRows(name, NOW)]
    assert statements[1].sql() == (
        'SELECT * FROM TABLE("DB".INFORMATION_SCHEMA.VALIDATE_PIPE_LOAD('
        """PIPE_NAME => '"DB"."RAW"."IT''S"', START_TIME => TO_TIMESTAMP_LTZ('2026-11-22T10:15:00.000+00:00')))"""
    )
    assert statements[2].sql() == (
        'SELECT "TIMESTAMP", ERROR_CODE, ERROR_METADATA, ERROR_DATA FROM ERROR_TABLE("DB"."RAW"."IT\'S") '
        "WHERE ERROR_METADATA:service IN ('copy', 'snowpipe') "
        "AND \"TIMESTAMP\" >= TO_TIMESTAMP_LTZ('2026-11-22T10:15:00.000+00:00')"
    )
    assert problems([(statement, statement.sql()) for statement in statements]) == []


@pytest.mark.parametrize("replaced", [False, True])
def test_an_empty_line_that_snowflake_counts_is_not_taken_for_the_event_after_it(replaced: bool) -> None:
    bucket = Bucket()
    bucket.put(KEY, b'{"event_id": "1"}\n \n{"event_id": "2"}\n')
    history = (
        History([], kept=[kept(2, "Error parsing JSON") | {"error_code": 100069}])
        if replaced
        else History([loaded(row_count=1, row_parsed=2)], [refused(2, category="parsing")])
    )
    (found,) = entries(history, RejectLake(bucket, "lake"))
    assert (found.reason, found.lines) == ("row_refused", ())
