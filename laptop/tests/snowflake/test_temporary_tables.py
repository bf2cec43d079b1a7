from __future__ import annotations

from collections.abc import Callable

import pytest
from snowflake.connector.errors import ProgrammingError

from laptop.testing.snowflake import COPY, Account, Rows, runner

Run = Callable[..., Rows]
COLUMNS = '("EVENT_ID" VARCHAR, "SOURCE_FILE" VARCHAR, "SOURCE_ROW" NUMBER(38,0), "LOADED_AT" TIMESTAMP_LTZ)'
TABLE, LOADED = '"DB"."RAW"."CLICKS"', '"DB"."RAW"."LOADED"'
CREATE = f"CREATE OR REPLACE TEMPORARY TABLE {LOADED} {COLUMNS}"
LOAD = f"{COPY.replace(TABLE, LOADED)} ON_ERROR = CONTINUE"


def names(run: Run) -> list[tuple[str, str]]:
    return [(row["name"], row["kind"]) for row in run('SHOW TABLES IN SCHEMA "DB"."RAW"')]


def test_only_its_session_sees_it_and_it_ends_with_it(account: Account, landing: Run) -> None:
    landing(CREATE, f"INSERT INTO {LOADED} (EVENT_ID) VALUES ('a')")
    with account.connect(role="SYSADMIN") as other:
        second = runner(other)
        assert names(second) == [("CLICKS", "TABLE")]
        with pytest.raises(ProgrammingError, match="does not exist"):
            second(f"SELECT * FROM {LOADED}")
        second(CREATE)
        assert names(second) == [("CLICKS", "TABLE"), ("LOADED", "TEMPORARY")]
        assert second(f"SELECT * FROM {LOADED}") == []
    assert landing(f"SELECT L.EVENT_ID, LOADED.SOURCE_ROW FROM {LOADED} L JOIN {LOADED} ON TRUE") == [
        {"EVENT_ID": "a", "SOURCE_ROW": None}
    ]
    landing(f"DROP TABLE {LOADED}")
    assert names(landing) == [("CLICKS", "TABLE")]


def test_grants_on_all_tables_leave_those_of_other_sessions_alone(account: Account, landing: Run) -> None:
    landing(CREATE)
    with account.connect(role="SYSADMIN") as other:
        runner(other)('GRANT SELECT ON ALL TABLES IN SCHEMA "DB"."RAW" TO ROLE SYSADMIN')


def test_none_survives_the_stand_in(account: Account, landing: Run) -> None:
    landing(CREATE)
    account.server.stop()  # without a logout
    account.server = account.serve()
    run = runner(account.connect(role="SYSADMIN"))
    assert names(run) == [("CLICKS", "TABLE")]


def test_it_needs_no_create_table_but_the_ownership_of_what_it_hides(account: Account, landing: Run) -> None:
    landing(
        "USE ROLE ACCOUNTADMIN",
        "CREATE ROLE R",
        "GRANT ROLE R TO USER ADMIN",
        'GRANT USAGE ON DATABASE "DB" TO ROLE R',
        'GRANT USAGE ON SCHEMA "DB"."RAW" TO ROLE R',
        'GRANT SELECT ON TABLE "DB"."RAW"."CLICKS" TO ROLE R',
    )
    run = runner(account.connect(role="R"))
    run(CREATE)
    with pytest.raises(ProgrammingError, match="Insufficient privileges"):
        run(f"CREATE TEMPORARY TABLE {TABLE} {COLUMNS}")
    with pytest.raises(ProgrammingError, match="Insufficient privileges"):
        run('CREATE TABLE "DB"."RAW"."MORE" (A VARCHAR)')


def test_a_table_that_is_replaced_has_no_load_history(account: Account, landing: Run) -> None:
    account.put("a.json", b'{"event_id": "a"}\n', notify=False)
    for statement in (CREATE, LOAD, CREATE, LOAD):
        landing(statement)
    assert landing(f"SELECT EVENT_ID, SOURCE_FILE, SOURCE_ROW FROM {LOADED}") == [
        {"EVENT_ID": "a", "SOURCE_FILE": "events/a.json", "SOURCE_ROW": 1}
    ]
    assert landing(LOAD) == [{"status": "Copy executed with 0 files processed."}]


def test_copy_takes_a_thousand_names(landing: Run) -> None:
    named = ", ".join(f"'{number}.json'" for number in range(1001))
    with pytest.raises(ProgrammingError, match="maximum is 1000"):
        landing(f"{COPY} FILES = ({named}) ON_ERROR = CONTINUE")


def test_rows_of_a_file_that_are_missing_are_inserted(account: Account, landing: Run) -> None:
    account.put("a.json", b'{"event_id": "a"}\n{"event_id": "b"}\n', notify=False)
    landing(f"{COPY} ON_ERROR = CONTINUE", f"DELETE FROM {TABLE} WHERE EVENT_ID = 'b'", CREATE, LOAD)
    insert = f"""INSERT INTO {TABLE} ("EVENT_ID", "SOURCE_FILE", "SOURCE_ROW", "LOADED_AT")
        SELECT S."EVENT_ID", S."SOURCE_FILE", S."SOURCE_ROW", S."LOADED_AT" FROM {LOADED} S LEFT JOIN {TABLE} T
        ON T."SOURCE_FILE" = S."SOURCE_FILE" AND T."SOURCE_ROW" = S."SOURCE_ROW" WHERE T."SOURCE_FILE" IS NULL"""
    assert [landing(insert), landing(insert)] == [[{"number of rows inserted": n}] for n in (1, 0)]
    assert [row["EVENT_ID"] for row in landing(f"SELECT EVENT_ID FROM {TABLE} ORDER BY 1")] == ["a", "b"]
