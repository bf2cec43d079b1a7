"""Warehouses: statements that read rows need one, and a role needs USAGE on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from snowflake.connector.errors import ProgrammingError

from laptop.testing.snowflake import COPY, LANDING, PIPE, Account, KeyPair, Rows, runner

Run = Callable[..., Rows]
CURRENT = "SELECT CURRENT_WAREHOUSE() AS W"
HISTORY = (
    "SELECT * FROM TABLE(DB.INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => 'DB.RAW.CLICKS', "
    "START_TIME => DATEADD(HOUR, -1, CURRENT_TIMESTAMP())))"
)
READING = (
    "SELECT COUNT(*) FROM DB.RAW.CLICKS",
    "SELECT COUNT(*) FROM DB.RAW.V",
    HISTORY,
    "INSERT INTO DB.RAW.CLICKS (EVENT_ID) VALUES ('a')",
    "DELETE FROM DB.RAW.CLICKS",
    f"{COPY} ON_ERROR = CONTINUE",
)
NOT_READING = (
    "SELECT 1 AS N",
    "SELECT CURRENT_ROLE()",
    "SELECT SYSTEM$PIPE_STATUS('DB.RAW.PIPE')",
    "SELECT SYSTEM$LAST_CHANGE_COMMIT_TIME('DB.RAW.CLICKS')",
    "SHOW COLUMNS IN TABLE DB.RAW.CLICKS",
    "SHOW TABLES IN ACCOUNT",
    "DESC TABLE DB.RAW.CLICKS",
    "LIST @DB.RAW.LAKE",
    "ALTER PIPE DB.RAW.PIPE REFRESH",
    "CREATE OR REPLACE VIEW DB.RAW.V AS SELECT EVENT_ID FROM DB.RAW.CLICKS",
    "CREATE TABLE DB.RAW.MORE (A INT)",
)


@pytest.fixture
def service(account: Account, other_key: KeyPair) -> Callable[..., Any]:
    """Sessions of a service user in the role that owns everything, without a default warehouse."""
    runner(account.connect(role="SYSADMIN"))(
        *LANDING, PIPE, "CREATE VIEW DB.RAW.V AS SELECT EVENT_ID FROM DB.RAW.CLICKS", "CREATE WAREHOUSE WORK"
    )
    runner(account.connect())(
        "CREATE ROLE SERVICE",
        "GRANT ROLE SERVICE TO ROLE SYSADMIN",
        f"CREATE USER SVC TYPE = SERVICE DEFAULT_ROLE = SERVICE RSA_PUBLIC_KEY = '{other_key.public_body}'",
        "GRANT ROLE SERVICE TO USER SVC",
        *(
            f"GRANT OWNERSHIP ON {what} TO ROLE SERVICE"
            for what in (
                "DATABASE DB",
                "SCHEMA DB.RAW",
                "TABLE DB.RAW.CLICKS",
                "VIEW DB.RAW.V",
                "STAGE DB.RAW.LAKE",
                "PIPE DB.RAW.PIPE",
                "FILE FORMAT DB.RAW.JSON",
            )
        ),
    )

    def connect(**options: Any) -> Run:
        return runner(account.connect("SVC", other_key, **options))

    return connect


def grant(account: Account, *sql: str) -> None:
    runner(account.connect())(*sql)


@pytest.mark.parametrize("sql", READING)
def test_reading_rows_without_a_warehouse_is_refused(service: Callable[..., Run], sql: str) -> None:
    with pytest.raises(
        ProgrammingError, match="No active warehouse selected in the current session"
    ) as caught:
        service()(sql)
    assert (caught.value.errno, caught.value.sqlstate) == (606, "57P03")


@pytest.mark.parametrize("sql", READING)
def test_reading_rows_with_a_warehouse_works(service: Callable[..., Run], account: Account, sql: str) -> None:
    grant(account, "GRANT USAGE ON WAREHOUSE WORK TO ROLE SERVICE")
    run = service(warehouse="WORK")
    assert account.engine.meter.seconds() == {}
    run(sql)
    assert account.engine.meter.seconds() == {"WORK": {"SVC": 60}}


def test_a_refresh_of_a_dynamic_table_is_billed_apart(service: Callable[..., Run], account: Account) -> None:
    run = runner(account.connect(role="SYSADMIN"))
    run(
        "CREATE DYNAMIC TABLE DB.PUBLIC.D TARGET_LAG = '60 minutes' WAREHOUSE = WORK REFRESH_MODE = INCREMENTAL "
        "INITIALIZE = ON_CREATE AS SELECT EVENT_ID FROM DB.RAW.CLICKS"
    )
    run("ALTER DYNAMIC TABLE DB.PUBLIC.D REFRESH")
    assert account.engine.meter.seconds()["WORK"] == {"SYSTEM": 60}


@pytest.mark.parametrize("sql", NOT_READING)
def test_statements_that_read_no_rows_need_no_warehouse(
    service: Callable[..., Run], account: Account, sql: str
) -> None:
    service()(sql)
    assert account.engine.meter.seconds() == {}


def test_a_tables_last_change_is_that_of_its_rows(run: Run, account: Account) -> None:
    change = "SELECT SYSTEM$LAST_CHANGE_COMMIT_TIME('DB.RAW.CLICKS') AS AT"
    run(*LANDING)
    times = [run(change)[0]["AT"], run("SELECT COUNT(*) FROM DB.RAW.CLICKS", change)[0]["AT"]]
    assert times[0] == times[1]
    times.append(run("INSERT INTO DB.RAW.CLICKS (EVENT_ID) VALUES ('a')", change)[0]["AT"])
    assert times[2] > times[1] > 1.7e18


def test_a_session_starts_with_the_requested_warehouse_or_its_users(
    service: Callable[..., Run], account: Account
) -> None:
    grant(
        account,
        "GRANT USAGE ON WAREHOUSE WORK TO ROLE SERVICE",
        "GRANT USAGE ON WAREHOUSE COMPUTE_WH TO ROLE SERVICE",
    )
    assert service(warehouse="work")(CURRENT) == [{"W": "WORK"}]
    assert service()(CURRENT) == [{"W": None}]
    grant(account, "ALTER USER SVC SET DEFAULT_WAREHOUSE = COMPUTE_WH")
    assert service()(CURRENT) == [{"W": "COMPUTE_WH"}]


def test_a_login_with_a_forbidden_warehouse_has_none(service: Callable[..., Run]) -> None:
    assert service(warehouse="WORK")(CURRENT) == [{"W": None}]
    assert service(warehouse="NOPE")(CURRENT) == [{"W": None}]


def test_use_warehouse_needs_usage_on_it(service: Callable[..., Run], account: Account) -> None:
    run = service()
    with pytest.raises(ProgrammingError, match="does not exist, or operation cannot be performed") as caught:
        run("USE WAREHOUSE WORK")
    assert caught.value.errno == 2043
    grant(account, "GRANT USAGE ON WAREHOUSE WORK TO ROLE SERVICE")
    assert run("USE WAREHOUSE WORK", CURRENT) == [{"W": "WORK"}]
    grant(account, "REVOKE USAGE ON WAREHOUSE WORK FROM ROLE SERVICE")
    with pytest.raises(ProgrammingError, match="No active warehouse"):
        run("SELECT * FROM DB.RAW.CLICKS")


def test_warehouses_are_created_shown_changed_and_dropped(run: Run) -> None:
    sql = "CREATE WAREHOUSE IF NOT EXISTS W WAREHOUSE_SIZE = 'X-SMALL' AUTO_SUSPEND = 60 AUTO_RESUME = TRUE "
    sql += "INITIALLY_SUSPENDED = TRUE COMMENT = 'c'"
    assert run(sql, CURRENT) == [{"W": "W"}]
    run(sql, "ALTER WAREHOUSE W SET AUTO_SUSPEND = 120")
    shown = {row["name"]: row for row in run("SHOW WAREHOUSES")}
    assert {"COMPUTE_WH", "W"} == set(shown)
    assert (shown["W"]["size"], shown["W"]["auto_suspend"], shown["W"]["comment"]) == ("XSMALL", 120, "c")
    assert run("DROP WAREHOUSE W", CURRENT) == [{"W": None}]


def test_creating_a_warehouse_is_a_privilege(service: Callable[..., Run], account: Account) -> None:
    with pytest.raises(ProgrammingError, match="Insufficient privileges"):
        service()("CREATE WAREHOUSE MINE")
    grant(account, "GRANT CREATE WAREHOUSE ON ACCOUNT TO ROLE SERVICE")
    service()("CREATE WAREHOUSE MINE")
