"""Notified files become rows."""

from __future__ import annotations

import datetime as dt
import json
import threading
from dataclasses import replace

import pytest
from ingesting import PIPE, TABLE, Run, events, history, settled, wait_for
from snowflake.connector.errors import ProgrammingError

from laptop.snowflake.objects import now
from laptop.snowflake.pipes import Pipes
from laptop.snowflake.queue import Notification
from laptop.testing.snowflake import COPY, Account
from laptop.testing.waiting import eventually


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


def test_a_file_notified_repeatedly_is_loaded_once(account: Account, piped: Run) -> None:
    account.put("a.json.gz", events("a"))
    wait_for(piped, "a")
    account.put("a.json.gz", events("changed"))
    account.notify("a.json.gz", "a.json.gz")
    account.put("b.json.gz", events("b"))
    wait_for(piped, "a", "b")
    settled(piped, account, 2)


def test_files_outside_the_stage_are_not_loaded(account: Account, piped: Run) -> None:
    account.lake.put("lake", "errors/e.json.gz", events("error"))
    account.queue.send(
        Notification("lake", "errors/e.json.gz", now()), Notification("else", "events/a", now())
    )
    account.put("a.json.gz", events("a"))
    wait_for(piped, "a")
    settled(piped, account, 1)


def test_valid_rows_of_a_bad_file_are_kept_and_the_bad_ones_listed(account: Account, piped: Run) -> None:
    lines = [
        b'{"event_id": "a"}',
        b'{"event_id": "b", "timestamp": "yesterday"}',
        b'{"timestamp": "2024-05-01T10:00:00Z"}',
        b'{"event_id": "c", "timestamp": 1714557600}',
        b"{bad",
        b'{"event_id": "lost"}',
    ]
    account.put("a.json", b"\n".join(lines))
    wait_for(piped, "a", "c")
    (loaded,) = history(piped)
    assert (loaded["STATUS"], loaded["ROW_PARSED"], loaded["ROW_COUNT"]) == ("Partially loaded", 5, 2)
    assert (loaded["ERROR_COUNT"], loaded["FIRST_ERROR_LINE_NUMBER"]) == (3, 2)
    assert "yesterday" in loaded["FIRST_ERROR_MESSAGE"]
    errors = piped(
        f"""SELECT * FROM TABLE("DB".INFORMATION_SCHEMA.VALIDATE_PIPE_LOAD(PIPE_NAME => '{PIPE}',
            START_TIME => DATEADD(HOURS, -1, CURRENT_TIMESTAMP())))"""
    )
    assert [(e["LINE"], e["CATEGORY"]) for e in errors] == [
        (2, "conversion"),
        (3, "conversion"),
        (5, "parsing"),
    ]


def test_the_history_shows_a_load_later_than_its_rows(account: Account, piped: Run) -> None:
    account.put("a.json.gz", events("a"))
    wait_for(piped, "a")
    query = f"""SELECT COUNT(*) FROM TABLE("DB".INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => '{TABLE}',
        START_TIME => DATEADD(HOURS, -1, CURRENT_TIMESTAMP())))"""
    assert account.run("ACCOUNTADMIN", query) == [(1,)]
    account.engine = replace(account.engine, history_delay=dt.timedelta(minutes=1))
    assert account.run("ACCOUNTADMIN", query) == [(0,)]


@pytest.mark.parametrize("missing", [None, "MONITOR", "USAGE", "SELECT", "INSERT"])
def test_refused_rows_are_listed_for_roles_with_all_rights_only(
    account: Account, piped: Run, missing: str | None
) -> None:
    account.put("a.json", b'{"event_id": "a"}\n{"event_id": "b", "timestamp": "yesterday"}\n')
    wait_for(piped, "a")
    rights = {
        "MONITOR": f"PIPE {PIPE}",
        "USAGE": 'STAGE "DB"."RAW"."LAKE"',
        "SELECT": f"TABLE {TABLE}",
        "INSERT": f"TABLE {TABLE}",
    }
    account.run(
        "ACCOUNTADMIN",
        "CREATE ROLE READER",
        'GRANT USAGE ON DATABASE "DB" TO ROLE READER',
        'GRANT USAGE ON SCHEMA "DB"."RAW" TO ROLE READER',
        "GRANT USAGE ON WAREHOUSE COMPUTE_WH TO ROLE READER",
        f"GRANT OPERATE ON PIPE {PIPE} TO ROLE READER",
        *(f"GRANT {right} ON {what} TO ROLE READER" for right, what in rights.items() if right != missing),
    )
    listed = account.run(
        "READER",
        f"""SELECT LINE FROM TABLE("DB".INFORMATION_SCHEMA.VALIDATE_PIPE_LOAD(PIPE_NAME => '{PIPE}',
            START_TIME => DATEADD(HOURS, -1, CURRENT_TIMESTAMP())))""",
    )
    assert [line for (line,) in listed] == ([2] if missing is None else [])


def test_skip_file_loads_a_file_completely_or_not_at_all(account: Account, landing: Run) -> None:
    landing(f"CREATE PIPE {PIPE} AUTO_INGEST = TRUE AS {COPY} ON_ERROR = SKIP_FILE")
    account.put("bad.json", b'{"event_id": "a"}\n{bad\n')
    account.put("good.json", b'{"event_id": "b"}\n')
    wait_for(landing, "b")
    statuses = {row["FILE_NAME"]: row["STATUS"] for row in history(landing)}
    assert statuses == {"bad.json": "Load skipped", "good.json": "Loaded"}


def test_a_truncated_file_fails_alone(account: Account, piped: Run) -> None:
    account.put("cut.json.gz", events("x", "y")[:-12])
    account.put("good.json.gz", events("a"))
    wait_for(piped, "a")
    assert {row["FILE_NAME"]: row["STATUS"] for row in history(piped)}["cut.json.gz"] == "Load failed"


def test_a_missing_file_is_recorded(account: Account, piped: Run) -> None:
    account.notify("gone.json.gz")
    eventually(lambda: history(piped))
    (row,) = history(piped)
    assert row["STATUS"] == "Load failed"
    assert "was not found" in row["FIRST_ERROR_MESSAGE"]


def test_without_schema_evolution_new_keys_are_ignored(account: Account, piped: Run) -> None:
    piped(f"ALTER TABLE {TABLE} SET ENABLE_SCHEMA_EVOLUTION = FALSE")
    account.put("a.json.gz", events("a", page="/"))
    wait_for(piped, "a")
    assert "PAGE" not in {row["name"] for row in piped(f"DESC TABLE {TABLE}")}


def test_a_message_not_deleted_after_the_commit_loads_nothing_twice(account: Account, piped: Run) -> None:
    account.queue.failing_deletes = 1
    account.put("a.json.gz", events("a"))
    wait_for(piped, "a")
    account.queue.redeliver()
    account.put("b.json.gz", events("b"))
    wait_for(piped, "a", "b")
    settled(piped, account, 2)


def test_a_message_is_kept_until_its_files_are_stored(
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


def test_a_hundred_files_at_once(account: Account, piped: Run) -> None:
    keys = [f"{i}.json.gz" for i in range(100)]
    for key in keys:
        account.put(key, events(f"{key}-1", f"{key}-2"), notify=False)
    account.notify(*keys)
    settled(piped, account, 100)
    (row,) = piped(f"SELECT COUNT(*) AS N, COUNT(DISTINCT EVENT_ID) AS D FROM {TABLE}")
    assert row == {"N": 200, "D": 200}


def test_a_time_without_an_offset_is_in_the_zone_of_the_account(account: Account, piped: Run) -> None:
    (zone,) = piped("SHOW PARAMETERS LIKE 'timezone' IN ACCOUNT")
    assert (zone["key"], zone["value"], zone["level"]) == ("TIMEZONE", "America/Los_Angeles", "")
    account.put("1.json", b'{"event_id": "a", "timestamp": "2026-11-02T10:00:00"}')
    wait_for(piped, "a")
    account.run("ACCOUNTADMIN", "ALTER ACCOUNT SET TIMEZONE = 'Asia/Kolkata'")
    account.put("2.json", b'{"event_id": "b", "timestamp": "2026-11-02T10:00:00"}')
    wait_for(piped, "a", "b")
    rows = piped(f"SELECT TIMESTAMP FROM {TABLE} ORDER BY EVENT_ID")
    shown = ["2026-11-02T10:00:00-08:00", "2026-11-02T10:00:00+05:30"]
    assert [row["TIMESTAMP"].isoformat() for row in rows] == shown
    with pytest.raises(ProgrammingError, match="invalid value"):
        piped("ALTER SESSION SET TIMEZONE = 'Mars'")


def test_a_json_null_in_a_variant_is_a_value(account: Account, piped: Run) -> None:
    lines = [
        b'{"event_id": "a", "properties": null, "scroll_depth": null}',
        b'{"event_id": "b", "properties": {"x": null}}',
        b'{"event_id": "c"}',
    ]
    account.put("1.json", b"\n".join(lines))
    wait_for(piped, "a", "b", "c")
    rows = piped(
        f"""SELECT PROPERTIES, PROPERTIES IS NULL AS P, PROPERTIES:x IS NULL AS X, PROPERTIES:x::STRING AS S,
        IS_NULL_VALUE(PROPERTIES) AS J, SCROLL_DEPTH FROM {TABLE} ORDER BY EVENT_ID"""
    )
    assert [tuple(row.values()) for row in rows] == [
        ("null", False, True, None, True, None),
        ('{\n  "x": null\n}', False, False, None, False, None),
        (None, True, True, None, None, None),
    ]


def test_copy_history_needs_the_table_to_be_visible(account: Account, piped: Run) -> None:
    piped("USE ROLE PUBLIC")
    with pytest.raises(ProgrammingError) as caught:
        history(piped)
    assert caught.value.errno == 2003
