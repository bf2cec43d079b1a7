from __future__ import annotations

from collections.abc import Callable

import pytest
from snowflake.connector.errors import ProgrammingError

from laptop.testing.snowflake import COPY, Account, Rows

TABLE = '"DB"."RAW"."CLICKS"'
GOOD, BAD = b'{"event_id": "a"}\n', b'{"event_id": "b"}\n{"event_id": "c", "scroll_depth": "far"}\n'
SKIPPING = f"{COPY} ON_ERROR = SKIP_FILE"
Run = Callable[..., Rows]


def ids(run: Run) -> list[str]:
    return [row["EVENT_ID"] for row in run(f"SELECT EVENT_ID FROM {TABLE} ORDER BY EVENT_ID")]


@pytest.fixture
def files(account: Account) -> Account:
    account.put("1-good.json", GOOD, notify=False)
    account.put("2-bad.json", BAD, notify=False)
    return account


def test_on_error_is_required(landing: Run) -> None:
    with pytest.raises(ProgrammingError, match="ON_ERROR = ABORT_STATEMENT, the default"):
        landing(COPY)


def test_continue_keeps_the_good_rows(files: Account, landing: Run) -> None:
    good, bad = landing(f"{COPY} ON_ERROR = CONTINUE")
    assert (good["file"], good["status"]) == ("s3://lake/events/1-good.json", "LOADED")
    assert (bad["status"], bad["rows_parsed"], bad["rows_loaded"]) == ("PARTIALLY_LOADED", 2, 1)
    assert (bad["errors_seen"], bad["first_error_line"]) == (1, 2)
    # As measured on an account: neither character nor column.
    assert (bad["first_error_character"], bad["first_error_column_name"]) == (None, None)
    assert ids(landing) == ["a", "b"]


@pytest.mark.parametrize(
    ("on_error", "expected"),
    [
        ("SKIP_FILE", ["a"]),
        ("SKIP_FILE_2", ["a", "b"]),
        ("'SKIP_FILE_40%'", ["a"]),
        ("SKIP_FILE_60%", ["a", "b"]),
    ],
)
def test_skip_file_by_count_and_share(
    files: Account, landing: Run, on_error: str, expected: list[str]
) -> None:
    landing(f"{COPY} ON_ERROR = {on_error}")
    assert ids(landing) == expected


def test_files_are_loaded_once_unless_changed(account: Account, landing: Run) -> None:
    account.put("a.json", GOOD, notify=False)
    landing(SKIPPING)
    assert landing(SKIPPING) == [{"status": "Copy executed with 0 files processed."}]
    account.put("a.json", b'{"event_id": "new"}', notify=False)
    landing(SKIPPING)
    assert ids(landing) == ["a", "new"]


def test_files_can_be_named(files: Account, landing: Run) -> None:
    assert len(landing(f"{COPY} FILES = ('2-bad.json') ON_ERROR = CONTINUE")) == 1
    with pytest.raises(ProgrammingError, match="was not found"):
        landing(f"{SKIPPING} FILES = ('3.json')")


def test_a_pipe_and_copy_into_do_not_share_history(account: Account, piped: Run) -> None:
    account.put("a.json", GOOD, notify=False)
    piped(SKIPPING, f"DELETE FROM {TABLE}", 'ALTER PIPE "DB"."RAW"."PIPE" REFRESH')
    assert piped(SKIPPING) == [{"status": "Copy executed with 0 files processed."}]


def test_list_uses_the_stages_keys(files: Account, landing: Run) -> None:
    rows = landing('LIST @"DB"."RAW"."LAKE"/1')
    assert [(row["name"], row["size"]) for row in rows] == [("s3://lake/events/1-good.json", len(GOOD))]
    files.lake.allowed = set()
    with pytest.raises(ProgrammingError, match="AccessDenied"):
        landing('LIST @"DB"."RAW"."LAKE"')
