from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from snowflake.connector.errors import ProgrammingError

from laptop.snowflake.objects import now
from laptop.snowflake.pipes import Pipes
from laptop.snowflake.queue import Notification
from laptop.testing.snowflake import COPY, KEY_ID, Account, Rows
from laptop.testing.waiting import eventually

PIPE = '"DB"."RAW"."PIPE"'
TABLE = '"DB"."RAW"."CLICKS"'
Run = Callable[..., Rows]


def events(*ids: str, **more: Any) -> bytes:
    lines = [json.dumps({"event_id": i, "timestamp": "2024-05-01T10:00:00Z", **more}) for i in ids]
    return gzip.compress("\n".join(lines).encode() + b"\n")


def ids(run: Run) -> list[str]:
    return [row["EVENT_ID"] for row in run(f"SELECT EVENT_ID FROM {TABLE} ORDER BY EVENT_ID")]


def history(run: Run) -> Rows:
    return run(
        f"""SELECT * FROM TABLE("DB".INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => '{TABLE}',
            START_TIME => DATEADD(HOURS, -1, CURRENT_TIMESTAMP()))) ORDER BY LAST_LOAD_TIME"""
    )


def pipe_status(run: Run) -> dict[str, Any]:
    (row,) = run(f"SELECT SYSTEM$PIPE_STATUS('{PIPE}') AS STATUS")
    status: dict[str, Any] = json.loads(row["STATUS"])
    return status


def wait_for(run: Run, *expected: str, seconds: float = 10.0) -> None:
    eventually(lambda: ids(run) == sorted(expected), within=seconds)


def settled(run: Run, account: Account, files: int) -> None:
    """All notifications are taken in and so many files have a history."""
    eventually(lambda: not account.queue.undeleted and len(history(run)) == files)


def test_a_notified_file_becomes_rows(account: Account, piped: Run) -> None:
    account.put("dt=1/a.json.gz", events("a", "b", properties={"status": 200}, scroll_depth=40))
    wait_for(piped, "a", "b")
    row = piped(f"SELECT * FROM {TABLE} ORDER BY EVENT_ID")[1]
    assert row["SOURCE_FILE"] == "events/dt=1/a.json.gz"
    assert row["SOURCE_ROW"] == 2
    assert row["SCROLL_DEPTH"] == 40
    assert json.loads(row["PROPERTIES"]) == {"status": 200}
    (loaded,) = history(piped)
    assert (loaded["STATUS"], loaded["ROW_COUNT"], loaded["ERROR_COUNT"]) == ("Loaded", 2, 0)
    assert (loaded["FILE_NAME"], loaded["STAGE_LOCATION"]) == ("dt=1/a.json.gz", "s3://lake/events/")
    assert loaded["PIPE_NAME"] == "PIPE"


@pytest.mark.parametrize(
    "body",
    [
        b'[{"event_id": "a"}, {"event_id": "b"}]',
        b'{"event_id": "a"}{"event_id": "b"}',
        b'{\n"event_id": "a"} {"event_id":"b"}',
    ],
    ids=["array", "concatenated", "pretty"],
)
def test_other_shapes_of_json(account: Account, piped: Run, body: bytes) -> None:
    account.put("x.json", body)
    wait_for(piped, "a", "b")


def test_a_file_is_loaded_once_however_often_it_is_notified(account: Account, piped: Run) -> None:
    account.put("a.json.gz", events("a"))
    wait_for(piped, "a")
    account.put("a.json.gz", events("changed"))
    account.notify("a.json.gz", "a.json.gz")
    account.put("b.json.gz", events("b"))
    wait_for(piped, "a", "b")
    settled(piped, account, 2)


def test_files_outside_the_stage_are_not_touched(account: Account, piped: Run) -> None:
    account.lake.put("lake", "errors/e.json.gz", events("error"))
    account.queue.send(
        Notification("lake", "errors/e.json.gz", now()), Notification("else", "events/a", now())
    )
    account.put("a.json.gz", events("a"))
    wait_for(piped, "a")
    settled(piped, account, 1)


def test_good_rows_of_a_bad_file_are_kept_and_the_bad_ones_named(account: Account, piped: Run) -> None:
    lines = [
        b'{"event_id": "a"}',
        b'{"event_id": "b", "timestamp": "yesterday"}',
        b"{bad",
        b'{"timestamp": "2024-05-01T10:00:00Z"}',
        b'{"event_id": "c", "timestamp": 1714557600}',
    ]
    account.put("a.json", b"\n".join(lines))
    wait_for(piped, "a", "c")
    (loaded,) = history(piped)
    assert (loaded["STATUS"], loaded["ROW_PARSED"], loaded["ROW_COUNT"]) == ("Partially loaded", 5, 2)
    assert (loaded["ERROR_COUNT"], loaded["FIRST_ERROR_LINE_NUMBER"]) == (3, 2)
    assert loaded["FIRST_ERROR_COLUMN_NAME"] == "TIMESTAMP"
    assert "yesterday" in loaded["FIRST_ERROR_MESSAGE"]
    errors = piped(
        f"""SELECT * FROM TABLE("DB".INFORMATION_SCHEMA.VALIDATE_PIPE_LOAD(PIPE_NAME => '{PIPE}',
            START_TIME => DATEADD(HOURS, -1, CURRENT_TIMESTAMP())))"""
    )
    assert [(e["LINE"], e["COLUMN_NAME"]) for e in errors] == [(2, "TIMESTAMP"), (3, None), (4, "EVENT_ID")]


def test_skip_file_takes_all_of_a_file_or_nothing(account: Account, landing: Run) -> None:
    landing(f"CREATE PIPE {PIPE} AUTO_INGEST = TRUE AS {COPY} ON_ERROR = SKIP_FILE")
    account.put("bad.json", b'{"event_id": "a"}\n{bad\n')
    account.put("good.json", b'{"event_id": "b"}\n')
    wait_for(landing, "b")
    statuses = {row["FILE_NAME"]: row["STATUS"] for row in history(landing)}
    assert statuses == {"bad.json": "Load failed", "good.json": "Loaded"}


def test_a_truncated_file_fails_alone(account: Account, piped: Run) -> None:
    account.put("cut.json.gz", events("x", "y")[:-12])
    account.put("good.json.gz", events("a"))
    wait_for(piped, "a")
    assert {row["FILE_NAME"]: row["STATUS"] for row in history(piped)}["cut.json.gz"] == "Load failed"


def test_a_file_that_is_gone_is_recorded(account: Account, piped: Run) -> None:
    account.notify("gone.json.gz")
    eventually(lambda: history(piped))
    (row,) = history(piped)
    assert row["STATUS"] == "Load failed"
    assert "was not found" in row["FIRST_ERROR_MESSAGE"]


def test_a_paused_pipe_keeps_files_for_its_resume(account: Account, piped: Run) -> None:
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


def test_a_replaced_pipe_forgets_what_it_loaded_and_its_grants(account: Account, piped: Run) -> None:
    account.put("a.json.gz", events("a"))
    wait_for(piped, "a")
    piped(f"GRANT MONITOR, OPERATE ON PIPE {PIPE} TO ROLE PUBLIC")
    assert len(piped(f"SHOW GRANTS ON PIPE {PIPE}")) == 3
    piped(f"CREATE OR REPLACE PIPE {PIPE} AUTO_INGEST = TRUE AS {COPY}", f"ALTER PIPE {PIPE} REFRESH")
    wait_for(piped, "a", "a")
    assert [row["privilege"] for row in piped(f"SHOW GRANTS ON PIPE {PIPE}")] == ["OWNERSHIP"]


def test_refresh_loads_what_was_never_notified_and_nothing_twice(account: Account, piped: Run) -> None:
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


def test_refresh_does_not_look_further_back_than_asked(account: Account, piped: Run) -> None:
    account.put("a.json.gz", events("a"), notify=False)
    assert piped(f"ALTER PIPE {PIPE} REFRESH MODIFIED_AFTER = '2999-01-01T00:00:00Z'") == []


def test_new_keys_become_columns(account: Account, piped: Run) -> None:
    account.put("a.json.gz", events("a", page="/", visits=3, ratio=0.5, known=True, tags=["x"], empty=None))
    wait_for(piped, "a")
    types = {row["name"]: row["type"] for row in piped(f"DESC TABLE {TABLE}")}
    assert types["PAGE"] == "VARCHAR(16777216)"
    assert (types["VISITS"], types["RATIO"], types["KNOWN"]) == ("NUMBER(38,0)", "FLOAT", "BOOLEAN")
    assert types["TAGS"] == "VARIANT"
    assert "EMPTY" not in types
    account.put("b.json.gz", events("b", page="/b"))
    wait_for(piped, "a", "b")
    assert [r["PAGE"] for r in piped(f"SELECT PAGE FROM {TABLE} ORDER BY EVENT_ID")] == ["/", "/b"]


def test_without_schema_evolution_new_keys_are_left_out(account: Account, piped: Run) -> None:
    piped(f"ALTER TABLE {TABLE} SET ENABLE_SCHEMA_EVOLUTION = FALSE")
    account.put("a.json.gz", events("a", page="/"))
    wait_for(piped, "a")
    assert "PAGE" not in {row["name"] for row in piped(f"DESC TABLE {TABLE}")}


def test_a_file_with_too_many_new_keys_is_refused(account: Account, piped: Run) -> None:
    account.put("a.json.gz", events("a", **{f"k{i}": i for i in range(101)}))
    eventually(lambda: history(piped))
    assert history(piped)[0]["STATUS"] == "Load failed"
    assert len(piped(f"DESC TABLE {TABLE}")) == 8


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


def test_a_pipe_whose_stage_was_replaced_stops_and_says_so(account: Account, piped: Run) -> None:
    piped('CREATE OR REPLACE STAGE "DB"."RAW"."LAKE" URL = \'s3://lake/events/\'')
    assert pipe_status(piped)["executionState"] == "STOPPED_STAGE_DROPPED"


def test_a_pipe_whose_stage_points_elsewhere_stops_and_says_so(account: Account, piped: Run) -> None:
    piped('ALTER STAGE "DB"."RAW"."LAKE" SET URL = \'s3://lake/events/\'')
    assert pipe_status(piped)["executionState"] == "STOPPED_STAGE_ALTERED"
    piped('ALTER STAGE "DB"."RAW"."LAKE" SET COMMENT = \'no matter\'')
    piped(f"CREATE OR REPLACE PIPE {PIPE} AUTO_INGEST = TRUE AS {COPY}")
    assert pipe_status(piped)["executionState"] == "RUNNING"


def test_a_dropped_table_stops_its_pipe(account: Account, piped: Run) -> None:
    piped(f"DROP TABLE {TABLE}")
    assert pipe_status(piped)["executionState"] == "STOPPED_MISSING_TABLE"


def test_a_message_lost_between_commit_and_delete_doubles_nothing(account: Account, piped: Run) -> None:
    account.queue.failing_deletes = 1
    account.put("a.json.gz", events("a"))
    wait_for(piped, "a")
    account.queue.redeliver()
    account.put("b.json.gz", events("b"))
    wait_for(piped, "a", "b")
    settled(piped, account, 2)


def test_a_message_is_kept_until_its_files_are_written_down(
    account: Account, piped: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = threading.Event()

    def fail(pipes: Pipes, notifications: object) -> None:
        failed.set()
        raise OSError("disk full, on request")

    with monkeypatch.context() as patch:
        patch.setattr(Pipes, "notify", fail)
        account.put("a.json.gz", events("a"))
        assert failed.wait(5)
    assert account.queue.undeleted
    account.queue.redeliver()
    wait_for(piped, "a")
    settled(piped, account, 1)


def test_a_hundred_files_in_one_go(account: Account, piped: Run) -> None:
    keys = [f"{i}.json.gz" for i in range(100)]
    for key in keys:
        account.put(key, events(f"{key}-1", f"{key}-2"), notify=False)
    account.notify(*keys)
    settled(piped, account, 100)
    (row,) = piped(f"SELECT COUNT(*) AS N, COUNT(DISTINCT EVENT_ID) AS D FROM {TABLE}")
    assert row == {"N": 200, "D": 200}


def test_a_pipe_without_auto_ingest_waits_for_refresh(account: Account, landing: Run) -> None:
    landing(f"CREATE PIPE {PIPE} AS {COPY}")
    account.put("a.json.gz", events("a"))
    eventually(lambda: not account.queue.undeleted)
    assert landing(f"DESC PIPE {PIPE}")[0]["notification_channel"] is None
    landing(f"ALTER PIPE {PIPE} REFRESH")
    wait_for(landing, "a")


def test_copy_history_needs_the_table_to_be_visible(account: Account, piped: Run) -> None:
    piped("USE ROLE PUBLIC")
    with pytest.raises(ProgrammingError) as caught:
        history(piped)
    assert caught.value.errno == 2003


@pytest.mark.parametrize("change", ["DROP PIPE {pipe}", "{again}"], ids=["dropped", "replaced"])
def test_what_a_pipe_loaded_is_forgotten_with_the_pipe(account: Account, piped: Run, change: str) -> None:
    account.put("a.json.gz", events("a"))
    settled(piped, account, 1)
    (row,) = piped(f"SELECT GET_DDL('PIPE', '{PIPE}') AS DDL")
    again = row["DDL"].replace("CREATE PIPE", "CREATE OR REPLACE PIPE", 1)
    piped(change.format(pipe=PIPE, again=again))
    assert history(piped) == []
    assert ids(piped) == ["a"]


def test_a_paused_pipe_is_resumed_by_force(account: Account, piped: Run) -> None:
    pause = f"ALTER PIPE {PIPE} SET PIPE_EXECUTION_PAUSED = TRUE"
    overrides = "staleness_check_override, ownership_transfer_check_override"
    for arguments in (f"'{PIPE}'", f"'{PIPE}', '{overrides}'"):
        piped(pause)
        piped(f"SELECT SYSTEM$PIPE_FORCE_RESUME({arguments})")
        assert pipe_status(piped)["executionState"] == "RUNNING"
    with pytest.raises(ProgrammingError, match="overrides"):
        piped(f"SELECT SYSTEM$PIPE_FORCE_RESUME('{PIPE}', 'no_check')")
