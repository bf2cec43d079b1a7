"""Grants on all existing or all future objects of a kind, and grants in a schema with managed access."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from snowflake.connector.errors import ProgrammingError

from laptop.snowflake.errors import STAND_IN
from laptop.testing.snowflake import LANDING, PIPE, Account, KeyPair, Rows, runner

Run = Callable[..., Rows]
STATUS = "SELECT SYSTEM$PIPE_STATUS('DB.RAW.PIPE') AS S"
ROWS = "SELECT COUNT(*) AS N FROM DB.RAW.CLICKS"


@pytest.fixture
def admin(account: Account, other_key: KeyPair) -> Run:
    run = runner(account.connect())
    run(
        "CREATE DATABASE DB",
        "CREATE SCHEMA DB.RAW",
        "CREATE ROLE WATCHER",
        f"CREATE USER SVC TYPE = SERVICE DEFAULT_ROLE = WATCHER RSA_PUBLIC_KEY = '{other_key.public_body}'",
        "GRANT ROLE WATCHER TO USER SVC",
        "GRANT USAGE ON DATABASE DB TO ROLE WATCHER",
        "GRANT USAGE ON SCHEMA DB.RAW TO ROLE WATCHER",
        "GRANT USAGE ON WAREHOUSE COMPUTE_WH TO ROLE WATCHER",
    )
    return run


@pytest.fixture
def watcher(admin: Run, account: Account, other_key: KeyPair) -> Run:
    return runner(account.connect("SVC", other_key, warehouse="COMPUTE_WH"))


def errno(run: Run, sql: str) -> int:
    with pytest.raises(ProgrammingError) as caught:
        run(sql)
    number: int = caught.value.errno
    return number


def test_future_grants_apply_to_created_and_recreated_objects(admin: Run, watcher: Run) -> None:
    admin(
        "GRANT MONITOR ON FUTURE PIPES IN SCHEMA DB.RAW TO ROLE WATCHER",
        "GRANT SELECT ON FUTURE TABLES IN SCHEMA DB.RAW TO ROLE WATCHER",
        *LANDING[2:],
        PIPE,
    )
    assert watcher(ROWS) == [{"N": 0}]
    assert watcher(STATUS)
    admin(PIPE.replace("CREATE PIPE", "CREATE OR REPLACE PIPE"))
    assert watcher(STATUS)
    held = {(row["privilege"], row["granted_on"]) for row in admin("SHOW GRANTS TO ROLE WATCHER")}
    assert {("MONITOR", "PIPE"), ("SELECT", "TABLE")} <= held
    assert not {kind for _, kind in held} & {"STAGE", "FILE_FORMAT"}


def test_all_means_existing_objects_only(admin: Run, watcher: Run) -> None:
    admin(*LANDING[2:], PIPE)
    assert errno(watcher, ROWS) == 2003
    admin("GRANT SELECT ON ALL TABLES IN SCHEMA DB.RAW TO ROLE WATCHER")
    assert watcher(ROWS)
    assert errno(watcher, STATUS) == 2003, "of tables alone"
    admin("CREATE TABLE DB.RAW.MORE (A INT)")
    assert errno(watcher, "SELECT * FROM DB.RAW.MORE") == 2003


def test_both_are_revoked_separately(admin: Run, watcher: Run) -> None:
    admin(
        "GRANT SELECT ON FUTURE TABLES IN SCHEMA DB.RAW TO ROLE WATCHER",
        *LANDING[2:],
        "REVOKE SELECT ON FUTURE TABLES IN SCHEMA DB.RAW FROM ROLE WATCHER",
    )
    assert watcher(ROWS), "existing grants stay"
    admin("CREATE TABLE DB.RAW.MORE (A INT)")
    assert errno(watcher, "SELECT * FROM DB.RAW.MORE") == 2003
    admin("REVOKE SELECT ON ALL TABLES IN SCHEMA DB.RAW FROM ROLE WATCHER")
    assert errno(watcher, ROWS) == 2003


def test_they_are_dropped_with_their_role(admin: Run, watcher: Run) -> None:
    admin(
        "CREATE ROLE OTHER",
        "GRANT SELECT ON FUTURE TABLES IN SCHEMA DB.RAW TO ROLE OTHER",
        "DROP ROLE OTHER",
        "CREATE ROLE OTHER",
        "GRANT ROLE OTHER TO ROLE WATCHER",
        *LANDING[2:],
    )
    assert errno(watcher, ROWS) == 2003


def test_they_are_dropped_with_their_schema(admin: Run, watcher: Run) -> None:
    admin(
        "GRANT SELECT ON FUTURE TABLES IN SCHEMA DB.RAW TO ROLE WATCHER",
        "CREATE OR REPLACE SCHEMA DB.RAW",
        "GRANT USAGE ON SCHEMA DB.RAW TO ROLE WATCHER",
        *LANDING[2:],
    )
    assert errno(watcher, ROWS) == 2003


def test_they_survive_a_restart(admin: Run, account: Account, other_key: KeyPair) -> None:
    admin("GRANT SELECT ON FUTURE TABLES IN SCHEMA DB.RAW TO ROLE WATCHER")
    account.restart()
    runner(account.connect())(*LANDING[2:])
    assert runner(account.connect("SVC", other_key, warehouse="COMPUTE_WH"))(ROWS)


def test_the_owner_of_a_schema_may_not_make_future_grants(admin: Run, account: Account) -> None:
    admin(
        "GRANT OWNERSHIP ON DATABASE DB TO ROLE SYSADMIN COPY CURRENT GRANTS",
        "GRANT OWNERSHIP ON SCHEMA DB.RAW TO ROLE SYSADMIN COPY CURRENT GRANTS",
    )
    owner = runner(account.connect(role="SYSADMIN"))
    assert errno(owner, "GRANT SELECT ON FUTURE TABLES IN SCHEMA DB.RAW TO ROLE WATCHER") == 3001


@pytest.mark.parametrize(
    ("sql", "number"),
    [
        ("GRANT SELECT ON FUTURE PIPES IN SCHEMA DB.RAW TO ROLE WATCHER", 3008),
        ("GRANT MONITOR ON ALL PIPES IN SCHEMA DB.RAW TO ROLE WATCHER", 3111),
        ("REVOKE MONITOR ON ALL PIPES IN SCHEMA DB.RAW FROM ROLE WATCHER", 3111),
        ("GRANT SELECT ON FUTURE TABLES IN SCHEMA DB.NOPE TO ROLE WATCHER", 2003),
        ("GRANT SELECT ON FUTURE TABLES IN SCHEMA DB.RAW TO ROLE NOBODY", 2003),
        ("GRANT SELECT ON FUTURE TABLES IN DATABASE NOPE TO ROLE WATCHER", 2003),
        ("GRANT SELECT ON FUTURE TABLES TO ROLE WATCHER", STAND_IN),
        ("GRANT USAGE ON FUTURE SCHEMAS IN SCHEMA DB.RAW TO ROLE WATCHER", STAND_IN),
        ("GRANT SELECT ON ALL TASKS IN SCHEMA DB.RAW TO ROLE WATCHER", STAND_IN),
        ("GRANT SELECT ON FUTURE TABLES IN SCHEMA DB.RAW TO ROLE WATCHER WITH GRANT OPTION", STAND_IN),
        ("GRANT OWNERSHIP ON FUTURE TABLES IN SCHEMA DB.RAW TO ROLE WATCHER", STAND_IN),
    ],
)
def test_invalid_or_unknown_statements_are_refused(admin: Run, sql: str, number: int) -> None:
    assert errno(admin, sql) == number


def test_a_schemas_future_grants_switch_off_those_of_the_database(admin: Run, watcher: Run) -> None:
    admin(
        "GRANT SELECT ON FUTURE TABLES IN DATABASE DB TO ROLE WATCHER",
        "GRANT SELECT ON FUTURE VIEWS IN DATABASE DB TO ROLE WATCHER",
        *LANDING[2:],
    )
    assert watcher(ROWS)
    admin(
        "CREATE ROLE OTHER",
        "GRANT INSERT ON FUTURE TABLES IN SCHEMA DB.RAW TO ROLE OTHER",
        "CREATE TABLE DB.RAW.MORE (A INT)",
        "CREATE VIEW DB.RAW.V AS SELECT * FROM DB.RAW.MORE",
        "CREATE TABLE DB.PUBLIC.MORE (A INT)",
        "GRANT USAGE ON SCHEMA DB.PUBLIC TO ROLE WATCHER",
    )
    assert errno(watcher, "SELECT * FROM DB.RAW.MORE") == 2003, "whatever privilege, whatever role"
    assert watcher("SELECT COUNT(*) FROM DB.RAW.V"), "another kind of object"
    assert watcher("SELECT COUNT(*) FROM DB.PUBLIC.MORE"), "another schema"
    admin("GRANT SELECT ON ALL TABLES IN DATABASE DB TO ROLE WATCHER")
    assert watcher("SELECT COUNT(*) FROM DB.RAW.MORE")


def test_owners_may_not_grant_in_a_schema_with_managed_access(admin: Run, account: Account) -> None:
    admin(
        "CREATE SCHEMA DB.MANAGED WITH MANAGED ACCESS",
        "CREATE ROLE MAKER",
        "GRANT USAGE ON DATABASE DB TO ROLE MAKER",
        "GRANT USAGE, CREATE TABLE ON SCHEMA DB.MANAGED TO ROLE MAKER",
        "GRANT ROLE MAKER TO USER ADMIN",
    )
    maker = runner(account.connect(role="MAKER"))
    maker("CREATE TABLE DB.MANAGED.T (A INT)")
    grant = "GRANT SELECT ON TABLE DB.MANAGED.T TO ROLE WATCHER"
    assert errno(maker, grant) == 3001
    assert errno(maker, "GRANT OWNERSHIP ON TABLE DB.MANAGED.T TO ROLE WATCHER") == 3001
    admin(grant)
    admin("ALTER SCHEMA DB.MANAGED DISABLE MANAGED ACCESS")
    maker(grant.replace("SELECT", "INSERT"))
    admin("ALTER SCHEMA DB.MANAGED ENABLE MANAGED ACCESS")
    assert errno(maker, grant.replace("GRANT", "REVOKE").replace("TO ROLE", "FROM ROLE")) == 3001
