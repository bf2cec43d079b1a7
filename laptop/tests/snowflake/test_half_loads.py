"""Files whose rows Snowpipe commits in parts."""

from __future__ import annotations

import json

import pytest
from ingesting import PIPE, TABLE, Run, events, history, ids, pipe_status, wait_for

from laptop.testing.snowflake import COPY, Account
from laptop.testing.waiting import eventually

FAULT = json.dumps([{"kind": "half_load", "match": "big", "seconds": 600}]).encode()


@pytest.fixture
def half(account: Account, piped: Run) -> Run:
    """A pipe that has loaded two of the three rows of a file."""
    account.engine.faults.add(FAULT)
    account.put("big.json.gz", events("a", "b", "c"))
    wait_for(piped, "a", "b")
    return piped


def test_a_load_in_progress_has_rows_and_is_pending(half: Run) -> None:
    (loading,) = history(half)
    assert (loading["STATUS"], loading["ROW_COUNT"], loading["ROW_PARSED"]) == ("Load in progress", 2, None)
    assert pipe_status(half)["pendingFileCount"] == 1


def test_the_other_rows_follow(account: Account, half: Run) -> None:
    account.engine.faults.clear()
    wait_for(half, "a", "b", "c")
    (loaded,) = history(half)
    assert (loaded["STATUS"], loaded["ROW_COUNT"], loaded["ROW_PARSED"]) == ("Loaded", 3, 3)
    assert pipe_status(half)["pendingFileCount"] == 0


def test_the_other_rows_follow_a_restart(account: Account, half: Run) -> None:
    account.restart()
    eventually(lambda: account.run("SYSADMIN", f"SELECT COUNT(*) FROM {TABLE}") == [(3,)])


def test_a_replaced_pipe_forgets_the_other_rows(account: Account, half: Run) -> None:
    half(f"CREATE OR REPLACE PIPE {PIPE} AUTO_INGEST = TRUE AS {COPY} ON_ERROR = CONTINUE")
    account.engine.faults.clear()
    account.put("small.json.gz", events("d"))
    wait_for(half, "a", "b", "d")
    assert [row["FILE_NAME"] for row in history(half)] == ["small.json.gz"]


def test_a_fault_of_a_load_is_no_fault_of_a_statement(account: Account, piped: Run) -> None:
    account.engine.faults.add(FAULT)
    assert ids(piped) == []
    assert len(account.engine.faults.waiting()) == 1
