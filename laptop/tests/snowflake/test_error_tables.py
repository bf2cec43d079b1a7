"""Error tables keep what loads refuse."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from ingesting import PIPE, TABLE, Run, events, settled
from snowflake.connector.errors import ProgrammingError

from laptop.testing.snowflake import COPY, Account

ON, OFF = (f"ALTER TABLE {TABLE} SET ERROR_LOGGING = {value}" for value in ("TRUE", "FALSE"))
ROWS = f"SELECT * FROM ERROR_TABLE({TABLE}) ORDER BY ERROR_METADATA:details:row_number::NUMBER"
BAD = b"\n".join(
    [
        b'{"event_id": "a"}',
        b'{"event_id": "b", "timestamp": "yesterday"}',
        b'{"timestamp": "2024-05-01T10:00:00Z"}',
        b"{bad",
        b'{"event_id": "after a line that is not JSON"}',
    ]
)


def details(row: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row["ERROR_METADATA"])["details"]
    return found


def recreated(run: Run, on_error: str = "CONTINUE") -> None:
    run(f"CREATE OR REPLACE PIPE {PIPE} AUTO_INGEST = TRUE AS {COPY} ON_ERROR = {on_error}")


def test_continue_records_every_refused_row(account: Account, piped: Run) -> None:
    piped(ON, 'ALTER FILE FORMAT "DB"."RAW"."JSON" SET MULTI_LINE = FALSE')
    recreated(piped)
    account.put("bad.json", BAD)
    settled(piped, account, 1)
    first, second, unreadable = piped(ROWS)
    assert list(first) == ["TIMESTAMP", "QUERY_ID", "ERROR_CODE", "ERROR_METADATA", "ERROR_DATA"]
    told = json.loads(first["ERROR_METADATA"])
    assert (told["service"], told["error_code"], told["sql_state"]) == ("snowpipe", 100071, "22000")
    assert "yesterday" in told["error_message"]
    assert details(first) == {"file_name": "events/bad.json", "row_number": 2, "pipe_name": "DB.RAW.PIPE"}
    assert json.loads(first["ERROR_DATA"]) == {"$1": BAD.splitlines()[1].decode()}
    assert details(second)["row_number"] == 3
    # Where it is in the file cannot be determined; the lines after it are not recorded.
    assert (details(unreadable), unreadable["ERROR_DATA"]) == (
        {"file_name": "events/bad.json", "pipe_name": "DB.RAW.PIPE"},
        None,
    )


@pytest.mark.parametrize(
    ("on_error", "recorded"), [("SKIP_FILE", 1), ("SKIP_FILE_2", 0), ("'SKIP_FILE_1%'", 0)]
)
def test_a_skipped_file_is_one_error_or_none(
    account: Account, piped: Run, on_error: str, recorded: int
) -> None:
    piped(ON)
    recreated(piped, on_error)
    account.put("bad.json", BAD)
    settled(piped, account, 1)
    assert len(piped(ROWS)) == recorded


def test_a_file_that_cannot_be_read_is_not_recorded(account: Account, piped: Run) -> None:
    piped(ON)
    recreated(piped)
    account.put("damaged.json.gz", events("a")[:20])
    settled(piped, account, 1)
    assert piped(ROWS) == []


def test_an_existing_pipe_uses_the_error_table_within_15_minutes(account: Account, piped: Run) -> None:
    piped(ON)
    account.put("early.json", BAD)
    settled(piped, account, 1)
    assert piped(ROWS) == []
    account.engine.loader.error_tables.delay = dt.timedelta(0)
    account.put("late.json", BAD)
    settled(piped, account, 2)
    assert {details(row)["file_name"] for row in piped(ROWS)} == {"events/late.json"}
    piped(ON)  # again: nothing changes
    assert len(piped(ROWS)) == 3


def test_copy_into_records_its_query(account: Account, piped: Run) -> None:
    piped(ON)
    account.put("bad.json", BAD, notify=False)
    piped(f"{COPY} ON_ERROR = CONTINUE")
    rows = piped(ROWS)
    assert {json.loads(row["ERROR_METADATA"])["service"] for row in rows} == {"copy"}
    assert len({row["QUERY_ID"] for row in rows}) == 1
    assert rows[0]["QUERY_ID"]


def test_turning_it_off_or_truncating_deletes_the_rows(account: Account, piped: Run) -> None:
    assert piped('SHOW TABLES IN SCHEMA "DB"."RAW"')[0]["error_logging"] == "OFF"
    piped(ON)
    recreated(piped)
    account.put("bad.json", BAD)
    settled(piped, account, 1)
    assert piped('SHOW TABLES IN SCHEMA "DB"."RAW"')[0]["error_logging"] == "ON"
    piped(f"TRUNCATE TABLE ERROR_TABLE({TABLE})")
    assert piped(ROWS) == []
    account.put("worse.json", BAD)
    settled(piped, account, 2)
    assert len(piped(ROWS)) == 3
    piped(OFF)
    with pytest.raises(ProgrammingError, match="not turned on"):
        piped(ROWS)
    piped(ON)
    assert piped(ROWS) == []


def test_only_the_owner_and_who_was_granted_it_read_the_error_table(account: Account, piped: Run) -> None:
    piped(ON)
    account.run(
        "ACCOUNTADMIN",
        "CREATE ROLE READER",
        "GRANT ROLE READER TO USER ADMIN",
        'GRANT USAGE ON DATABASE "DB" TO ROLE READER',
        'GRANT USAGE ON SCHEMA "DB"."RAW" TO ROLE READER',
        "GRANT USAGE ON WAREHOUSE COMPUTE_WH TO ROLE READER",
        f"GRANT SELECT, INSERT ON TABLE {TABLE} TO ROLE READER",
    )
    with pytest.raises(Exception, match="Insufficient privileges"):
        account.run("READER", ROWS)
    account.run("ACCOUNTADMIN", f"GRANT SELECT ERROR TABLE ON TABLE {TABLE} TO ROLE READER")
    assert account.run("READER", ROWS) == []
    with pytest.raises(Exception, match="Insufficient privileges"):
        account.run("READER", f"TRUNCATE ERROR_TABLE({TABLE})")


def test_a_dropped_table_takes_its_error_table_along(account: Account, piped: Run) -> None:
    piped(ON)
    recreated(piped)
    account.put("bad.json", BAD)
    settled(piped, account, 1)
    piped(f"DROP TABLE {TABLE}", f"CREATE TABLE {TABLE} (EVENT_ID VARCHAR) ERROR_LOGGING = TRUE")
    assert piped(ROWS) == []
