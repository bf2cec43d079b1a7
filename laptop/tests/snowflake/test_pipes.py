"""Pipes: paused, replaced, refreshed, stalled, stopped."""

from __future__ import annotations

import pytest
from ingesting import PIPE, TABLE, Run, events, history, ids, pipe_status, settled, wait_for
from snowflake.connector.errors import ProgrammingError

from laptop.testing.snowflake import COPY, KEY_ID, Account
from laptop.testing.snowflake import PIPE as CREATE_PIPE
from laptop.testing.waiting import eventually


def test_a_paused_pipe_loads_its_files_after_a_resume(account: Account, piped: Run) -> None:
    piped(f"ALTER PIPE {PIPE} SET PIPE_EXECUTION_PAUSED = TRUE")
    account.put("a.json.gz", events("a"))
    status = eventually(lambda: (s := pipe_status(piped))["pendingFileCount"] and s)
    assert (status["executionState"], status["oldestPendingFilePath"]) == ("PAUSED", "events/a.json.gz")
    assert status["oldestFileTimestamp"]
    assert ids(piped) == []
    piped(f"ALTER PIPE {PIPE} SET PIPE_EXECUTION_PAUSED = FALSE")
    wait_for(piped, "a", seconds=2)
    assert pipe_status(piped)["executionState"] == "RUNNING"
    assert pipe_status(piped)["pendingFileCount"] == 0


def test_a_replaced_pipe_loses_its_load_history_and_grants(account: Account, piped: Run) -> None:
    account.put("a.json.gz", events("a"))
    wait_for(piped, "a")
    piped(f"GRANT MONITOR, OPERATE ON PIPE {PIPE} TO ROLE PUBLIC")
    assert len(piped(f"SHOW GRANTS ON PIPE {PIPE}")) == 3
    piped(f"CREATE OR REPLACE PIPE {PIPE} AUTO_INGEST = TRUE AS {COPY}", f"ALTER PIPE {PIPE} REFRESH")
    wait_for(piped, "a", "a")
    assert [row["privilege"] for row in piped(f"SHOW GRANTS ON PIPE {PIPE}")] == ["OWNERSHIP"]


def test_refresh_loads_unnotified_files_and_none_twice(account: Account, piped: Run) -> None:
    account.put("a.json.gz", events("a"))
    wait_for(piped, "a")
    account.put("b.json.gz", events("b"), notify=False)
    account.put("other/c.json.gz", events("c"), notify=False)
    assert piped(f"ALTER PIPE {PIPE} REFRESH PREFIX = 'other/'") == [
        {"File": "other/c.json.gz", "Status": "SENT"}
    ]
    wait_for(piped, "a", "c")
    piped(f"ALTER PIPE {PIPE} REFRESH MODIFIED_AFTER = '2020-01-01T00:00:00Z'")
    wait_for(piped, "a", "b", "c")
    assert piped(f"ALTER PIPE {PIPE} REFRESH") == []


def test_refresh_is_limited_to_the_requested_time(account: Account, piped: Run) -> None:
    account.put("a.json.gz", events("a"), notify=False)
    assert piped(f"ALTER PIPE {PIPE} REFRESH MODIFIED_AFTER = '2999-01-01T00:00:00Z'") == []


def test_denied_keys_stall_the_pipe_until_the_stage_has_new_ones(account: Account, piped: Run) -> None:
    account.lake.allowed = {"rotated"}
    account.put("a.json.gz", events("a"))
    status = eventually(lambda: (s := pipe_status(piped))["executionState"] != "RUNNING" and s)
    assert status["executionState"] == "STALLED_STAGE_PERMISSION_ERROR"
    assert status["pendingFileCount"] == 1
    assert history(piped) == []
    piped(
        f'ALTER STAGE "DB"."RAW"."LAKE" SET CREDENTIALS = (AWS_KEY_ID = \'{KEY_ID}\' AWS_SECRET_KEY = \'rotated\')'
    )
    wait_for(piped, "a")


def test_a_pipe_with_a_replaced_stage_stops_with_the_reason(account: Account, piped: Run) -> None:
    piped('CREATE OR REPLACE STAGE "DB"."RAW"."LAKE" URL = \'s3://lake/events/\'')
    assert pipe_status(piped)["executionState"] == "STOPPED_STAGE_DROPPED"


def test_a_pipe_with_a_moved_stage_stops_with_the_reason(account: Account, piped: Run) -> None:
    piped('ALTER STAGE "DB"."RAW"."LAKE" SET URL = \'s3://lake/events/\'')
    assert pipe_status(piped)["executionState"] == "STOPPED_STAGE_ALTERED"
    piped('ALTER STAGE "DB"."RAW"."LAKE" SET COMMENT = \'no matter\'')
    piped(f"CREATE OR REPLACE PIPE {PIPE} AUTO_INGEST = TRUE AS {COPY}")
    assert pipe_status(piped)["executionState"] == "RUNNING"


def test_a_dropped_table_stops_its_pipe(account: Account, piped: Run) -> None:
    piped(f"DROP TABLE {TABLE}")
    assert pipe_status(piped)["executionState"] == "STOPPED_MISSING_TABLE"


def test_a_pipe_without_auto_ingest_waits_for_refresh(account: Account, landing: Run) -> None:
    landing(f"CREATE PIPE {PIPE} AS {COPY}")
    account.put("a.json.gz", events("a"))
    eventually(lambda: not account.queue.undeleted)
    assert landing(f"DESC PIPE {PIPE}")[0]["notification_channel"] is None
    landing(f"ALTER PIPE {PIPE} REFRESH")
    wait_for(landing, "a")


@pytest.mark.parametrize(
    "change",
    [f"DROP PIPE {PIPE}", CREATE_PIPE.replace("CREATE PIPE", "CREATE OR REPLACE PIPE")],
    ids=["dropped", "replaced"],
)
def test_the_load_history_is_dropped_with_the_pipe(account: Account, piped: Run, change: str) -> None:
    account.put("a.json.gz", events("a"))
    settled(piped, account, 1)
    piped(change)
    assert history(piped) == []
    assert ids(piped) == ["a"]


def test_force_resume_resumes_a_paused_pipe(account: Account, piped: Run) -> None:
    pause = f"ALTER PIPE {PIPE} SET PIPE_EXECUTION_PAUSED = TRUE"
    overrides = "staleness_check_override, ownership_transfer_check_override"
    for arguments in (f"'{PIPE}'", f"'{PIPE}', '{overrides}'"):
        piped(pause)
        piped(f"SELECT SYSTEM$PIPE_FORCE_RESUME({arguments})")
        assert pipe_status(piped)["executionState"] == "RUNNING"
    with pytest.raises(ProgrammingError, match="overrides"):
        piped(f"SELECT SYSTEM$PIPE_FORCE_RESUME('{PIPE}', 'no_check')")


def test_one_queue_of_the_account_serves_every_pipe_and_outlives_them(account: Account, piped: Run) -> None:
    """https://docs.snowflake.com/en/user-guide/data-load-snowpipe-auto-s3: one queue for each account and region."""

    def channel(pipe: str) -> str:
        return str(piped(f"DESC PIPE {pipe}")[0]["notification_channel"])

    orders, other = '"DB"."RAW"."ORDERS"', '"DB"."RAW"."OTHER"'
    piped(
        f"CREATE TABLE {orders} (EVENT_ID VARCHAR)",
        f"""CREATE PIPE {other} AUTO_INGEST = TRUE AS COPY INTO {orders} FROM @"DB"."RAW"."LAKE"/orders/
        FILE_FORMAT = (FORMAT_NAME = '"DB"."RAW"."JSON"') MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE""",
    )
    before = channel(PIPE)
    assert channel(other) == before
    piped(f"DROP PIPE {PIPE}")
    account.put("late.json.gz", events("late"))
    account.put("orders/1.json.gz", events("order"))
    eventually(lambda: piped(f"SELECT EVENT_ID FROM {orders}") == [{"EVENT_ID": "order"}])
    eventually(lambda: not account.queue.undeleted)  # also the message for no pipe
    piped(CREATE_PIPE)
    assert channel(PIPE) == before
    account.notify("late.json.gz")
    wait_for(piped, "late")
