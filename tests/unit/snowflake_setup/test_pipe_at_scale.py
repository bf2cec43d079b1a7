"""The replacement of a pipe at 50,000 events a second: 4,000,000 files in 400 days, 30 billion rows in seven."""

from __future__ import annotations

import io
import tracemalloc
from datetime import timedelta

import pytest

from snowflake_setup.pipe.definition import PipeSpec
from snowflake_setup.pipe.pipe import Pipe
from snowflake_setup.pipe.replacement import PipeReplacement
from snowflake_setup.session.invocation import Invocation
from snowflake_setup.session.logs import Log
from snowflake_setup.session.properties import Properties
from snowflake_setup.sql.pipe import RefreshPipe, ReplacePipe
from snowflake_setup.sql.stage import ListStage
from tests.unit.snowflake_setup.events import PIPE
from tests.unit.snowflake_setup.fake_account import FakeAccount
from tests.unit.snowflake_setup.fake_session import START, FakeClock, FakeSecrets

FILES = 10_000
# Of the lake's 400: none of the others may be listed.
DAYS = 16
ROWS = 30_000_000_000 // 7
SPEC = {
    **PIPE,
    "DayFolder": "dt=%Y-%m-%d/",
    "Metadata": [*PIPE["Metadata"], {"Column": "LOADED_AT", "Source": "METADATA$START_SCAN_TIME"}],
}


def spec(**changed: str) -> PipeSpec:
    return Pipe().read(Properties({**SPEC, **changed}, "Pipe"))


def replaced(account: FakeAccount) -> None:
    """Replace the pipe of the account."""
    account.copy, account.comment = spec().copy, spec().marked_comment()
    invocation = Invocation("acme", account, FakeSecrets({}), account.clock, Log(stream=io.StringIO()))
    PipeReplacement(spec().name, spec(OnError="SKIP_FILE")).carry_out(invocation)


# The history of an old pipe has the last week: only the rows of the last hours are read. If the pipe was replaced three
# days ago, the history of the days before is gone, so the rows of the week are read, once.
CASES = pytest.mark.parametrize(
    ("days_ago", "names", "scanned"),
    [(30, 2_000, ROWS / 8), (3, 72_000, ROWS * 7.2)],
    ids=["first", "second"],
)


@CASES
def test_a_replacement_stays_within_its_budget(days_ago: int, names: int, scanned: float) -> None:
    created = START - timedelta(days=days_ago)
    account = FakeAccount(FakeClock(), days=DAYS, files=FILES, rows=ROWS, created=created)
    replaced(account)
    oldest = min(statement.path for statement in account.sent if isinstance(statement, ListStage))
    assert oldest >= f"/dt={START - timedelta(days=DAYS):%Y-%m-%d}/"
    kinds = [statement.kind for statement in account.sent]
    assert any(isinstance(statement, ReplacePipe) for statement in account.sent)
    assert kinds.count("LIST") <= 32, (
        "16 days: a week, and another for an outage; before the switch and after"
    )
    assert kinds.count("SELECT COPY_HISTORY") == 2
    assert kinds.count("SELECT files of rows") == 2
    assert len(kinds) <= 50
    assert account.fetched["LIST"] <= 32 * FILES
    assert account.fetched["SELECT COPY_HISTORY"] <= 8.2 * FILES
    assert account.fetched["SELECT files of rows"] <= names
    assert account.scanned <= scanned
    # What landed while it was paused is loaded by one statement that lists one folder.
    (refresh,) = [statement for statement in account.sent if isinstance(statement, RefreshPipe)]
    assert refresh.prefix == f"dt={START:%Y-%m-%d}/"
    assert refresh.modified_after
    assert "replacing" not in account.comment


@CASES
def test_a_replacement_needs_little_memory(days_ago: int, names: int, scanned: float) -> None:
    """With a tenth of the files, since tracing takes ten times the time: 50 MB for all of them, of the Lambda's 512."""
    created = START - timedelta(days=days_ago)
    account = FakeAccount(FakeClock(), days=DAYS, files=FILES // 10, rows=ROWS, created=created)
    tracemalloc.start()
    try:
        replaced(account)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
