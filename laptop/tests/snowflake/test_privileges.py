from __future__ import annotations

from collections.abc import Callable

import pytest
from snowflake.connector.errors import ProgrammingError

from laptop.testing.snowflake import COPY, KEY_ID, SECRET, Account, KeyPair, Rows, runner

Run = Callable[..., Rows]
CREATE_STAGE = (
    f"CREATE STAGE DB.RAW.LAKE URL = 's3://lake/events/' CREDENTIALS = (AWS_KEY_ID = '{KEY_ID}' "
    f"AWS_SECRET_KEY = '{SECRET}')"
)


@pytest.fixture
def admin(account: Account, other_key: KeyPair) -> Run:
    """An administrator's bootstrap SQL: a database, a role that may create in one schema, a user."""
    run = runner(account.connect())
    run(
        "USE ROLE SYSADMIN",
        "CREATE DATABASE IF NOT EXISTS DB",
        "CREATE SCHEMA IF NOT EXISTS DB.RAW",
        "USE ROLE USERADMIN",
        "CREATE ROLE IF NOT EXISTS LANDING",
        "CREATE ROLE IF NOT EXISTS READER",
        "CREATE USER IF NOT EXISTS SVC TYPE = SERVICE DEFAULT_ROLE = LANDING "
        f"RSA_PUBLIC_KEY = '{other_key.public_body}'",
        "USE ROLE SECURITYADMIN",
        "GRANT USAGE ON DATABASE DB TO ROLE LANDING",
        "GRANT USAGE ON SCHEMA DB.RAW TO ROLE LANDING",
        "GRANT CREATE FILE FORMAT, CREATE STAGE, CREATE TABLE, CREATE PIPE ON SCHEMA DB.RAW TO ROLE LANDING",
        "GRANT ROLE LANDING TO USER SVC",
        "GRANT ROLE READER TO USER SVC",
        "GRANT ROLE LANDING TO ROLE SYSADMIN",
    )
    return run


@pytest.fixture
def service(account: Account, admin: Run, other_key: KeyPair) -> Run:
    run = runner(account.connect("SVC", other_key))
    run(
        "CREATE FILE FORMAT DB.RAW.JSON TYPE = JSON",
        CREATE_STAGE,
        "CREATE TABLE DB.RAW.CLICKS (EVENT_ID VARCHAR, SOURCE_FILE VARCHAR, SOURCE_ROW NUMBER, "
        "LOADED_AT TIMESTAMP_LTZ)",
        f"CREATE PIPE DB.RAW.PIPE AUTO_INGEST = TRUE AS {COPY}",
    )
    return run


def errno(run: Run, sql: str) -> int:
    with pytest.raises(ProgrammingError) as caught:
        run(sql)
    number: int = caught.value.errno
    return number


def test_the_bootstrap_role_can_do_its_work_and_nothing_else(service: Run) -> None:
    assert errno(service, "CREATE SCHEMA DB.OTHER") == 3001
    assert errno(service, "CREATE DATABASE OTHER") == 3001
    assert errno(service, "CREATE ROLE OTHER") == 3001
    assert errno(service, "CREATE USER OTHER") == 3001
    assert errno(service, "CREATE TABLE DB.PUBLIC.T (A INT)") == 2003
    assert errno(service, "USE ROLE SYSADMIN") == 3013
    assert errno(service, "GRANT USAGE ON DATABASE DB TO ROLE PUBLIC") == 3001
    assert errno(service, "GRANT ROLE LANDING TO ROLE PUBLIC") == 3001


def test_the_error_has_snowflakes_wording(service: Run) -> None:
    with pytest.raises(ProgrammingError) as caught:
        service("CREATE DATABASE OTHER")
    assert caught.value.sqlstate == "42501"
    assert "SQL access control error:\nInsufficient privileges to operate on account 'LOCAL'." in str(
        caught.value
    )


@pytest.mark.parametrize("kind", ["CREATE FILE FORMAT", "CREATE STAGE", "CREATE TABLE", "CREATE PIPE"])
def test_each_create_privilege_is_needed(admin: Run, account: Account, other_key: KeyPair, kind: str) -> None:
    admin(f"REVOKE {kind} ON SCHEMA DB.RAW FROM ROLE LANDING")
    run = runner(account.connect("SVC", other_key))
    bodies = {
        "CREATE FILE FORMAT": "F TYPE = JSON",
        "CREATE STAGE": "S URL = 's3://lake/'",
        "CREATE TABLE": "T (A INT)",
        "CREATE PIPE": f"P AS {COPY}",
    }
    assert errno(run, f"{kind} DB.RAW.{bodies[kind]}") == 3001


@pytest.mark.parametrize(("privilege", "container"), [("USAGE", "DATABASE DB"), ("USAGE", "SCHEMA DB.RAW")])
def test_without_usage_the_contents_are_hidden(
    admin: Run, service: Run, privilege: str, container: str
) -> None:
    admin(f"REVOKE {privilege} ON {container} FROM ROLE LANDING")
    assert errno(service, "SELECT * FROM DB.RAW.CLICKS") == 2003
    assert errno(service, "DESC PIPE DB.RAW.PIPE") == 2003
    assert service("SHOW TABLES IN ACCOUNT") == []


def test_a_reader_needs_select(admin: Run, service: Run) -> None:
    service("GRANT SELECT ON TABLE DB.RAW.CLICKS TO ROLE READER")
    service("USE ROLE READER")
    assert errno(service, "SELECT * FROM DB.RAW.CLICKS") == 2003
    admin("GRANT USAGE ON DATABASE DB TO ROLE READER", "GRANT USAGE ON SCHEMA DB.RAW TO ROLE READER")
    assert errno(service, "SELECT * FROM DB.RAW.CLICKS") == 606
    admin("GRANT USAGE ON WAREHOUSE COMPUTE_WH TO ROLE READER")
    service("USE WAREHOUSE COMPUTE_WH")
    assert service("SELECT * FROM DB.RAW.CLICKS") == []
    assert errno(service, "INSERT INTO DB.RAW.CLICKS (EVENT_ID) VALUES ('x')") == 3001
    assert errno(service, "DROP TABLE DB.RAW.CLICKS") == 3001
    assert errno(service, "ALTER TABLE DB.RAW.CLICKS SET COMMENT = 'mine'") == 3001
    assert errno(service, "SELECT SYSTEM$PIPE_STATUS('DB.RAW.PIPE')") == 2003


def test_operators_may_monitor_and_pause_but_not_change_a_pipe(admin: Run, service: Run) -> None:
    admin("GRANT USAGE ON DATABASE DB TO ROLE READER", "GRANT USAGE ON SCHEMA DB.RAW TO ROLE READER")
    service("GRANT OPERATE ON PIPE DB.RAW.PIPE TO ROLE READER", "USE ROLE READER")
    assert errno(service, "SELECT SYSTEM$PIPE_STATUS('DB.RAW.PIPE')") == 3001
    service("USE ROLE LANDING", "REVOKE OPERATE ON PIPE DB.RAW.PIPE FROM ROLE READER")
    service("GRANT MONITOR ON PIPE DB.RAW.PIPE TO ROLE READER", "USE ROLE READER")
    assert service("SELECT SYSTEM$PIPE_STATUS('DB.RAW.PIPE')")
    assert errno(service, "ALTER PIPE DB.RAW.PIPE SET PIPE_EXECUTION_PAUSED = TRUE") == 3001
    service("USE ROLE LANDING", "GRANT OPERATE ON PIPE DB.RAW.PIPE TO ROLE READER", "USE ROLE READER")
    service("ALTER PIPE DB.RAW.PIPE SET PIPE_EXECUTION_PAUSED = TRUE")
    assert errno(service, "ALTER PIPE DB.RAW.PIPE SET COMMENT = 'mine'") == 3001
    assert errno(service, "DROP PIPE DB.RAW.PIPE") == 3001


def test_roles_inherit_from_the_roles_granted_to_them(admin: Run, service: Run) -> None:
    admin("USE ROLE SYSADMIN")
    assert admin("SELECT * FROM DB.RAW.CLICKS") == []
    admin("USE ROLE SECURITYADMIN", "REVOKE ROLE LANDING FROM ROLE SYSADMIN", "USE ROLE SYSADMIN")
    assert errno(admin, "SELECT * FROM DB.RAW.CLICKS") == 2003


def test_a_pipe_stalls_when_its_owner_loses_a_privilege(admin: Run, service: Run) -> None:
    service("GRANT OWNERSHIP ON TABLE DB.RAW.CLICKS TO ROLE READER")
    assert "STALLED_COMPILATION_ERROR" in str(service("SELECT SYSTEM$PIPE_STATUS('DB.RAW.PIPE')"))


def test_show_grants_lists_grants_and_grantees(admin: Run, service: Run) -> None:
    service("GRANT MONITOR, OPERATE ON PIPE DB.RAW.PIPE TO ROLE READER")
    rows = service("SHOW GRANTS ON PIPE DB.RAW.PIPE")
    assert [(r["privilege"], r["grantee_name"], r["granted_by"]) for r in rows] == [
        ("OWNERSHIP", "LANDING", "LANDING"),
        ("MONITOR", "READER", "LANDING"),
        ("OPERATE", "READER", "LANDING"),
    ]
    assert {r["granted_on"] for r in rows} == {"PIPE"}
    to_role = {(r["privilege"], r["name"]) for r in admin("SHOW GRANTS TO ROLE LANDING")}
    assert {("USAGE", "DB"), ("CREATE PIPE", "DB.RAW"), ("OWNERSHIP", "DB.RAW.CLICKS")} <= to_role
    assert [r["role"] for r in admin("SHOW GRANTS TO USER SVC")] == ["LANDING", "READER"]


def test_a_privilege_of_another_kind_is_refused(service: Run) -> None:
    assert errno(service, "GRANT SELECT ON PIPE DB.RAW.PIPE TO ROLE READER") == 3008
    assert errno(service, "GRANT MONITOR ON PIPE DB.RAW.PIPE TO ROLE NOBODY") == 2003


def test_objects_of_a_dropped_role_belong_to_the_role_that_dropped_it(admin: Run, service: Run) -> None:
    admin("USE ROLE SECURITYADMIN", "DROP ROLE LANDING")
    owners = {row["owner"] for row in admin("USE ROLE SECURITYADMIN", "SHOW DATABASES IN ACCOUNT")}
    assert owners <= {"SYSADMIN"}
    grants = admin("SHOW GRANTS TO ROLE SECURITYADMIN")
    assert ("OWNERSHIP", "DB.RAW.CLICKS") in {(row["privilege"], row["name"]) for row in grants}


def test_a_privilege_may_be_granted_with_grant_option(admin: Run, service: Run) -> None:
    admin("GRANT USAGE ON DATABASE DB TO ROLE READER", "GRANT USAGE ON SCHEMA DB.RAW TO ROLE READER")
    admin("USE ROLE USERADMIN", "CREATE ROLE GUEST")
    service("GRANT SELECT ON TABLE DB.RAW.CLICKS TO ROLE READER", "USE ROLE READER")
    assert errno(service, "GRANT SELECT ON TABLE DB.RAW.CLICKS TO ROLE GUEST") == 3001
    service("USE ROLE LANDING", "GRANT SELECT ON TABLE DB.RAW.CLICKS TO ROLE READER WITH GRANT OPTION")
    service("USE ROLE READER", "GRANT SELECT ON TABLE DB.RAW.CLICKS TO ROLE GUEST")
    assert errno(service, "GRANT INSERT ON TABLE DB.RAW.CLICKS TO ROLE GUEST") == 3001
    assert errno(service, "GRANT ALL ON TABLE DB.RAW.CLICKS TO ROLE GUEST") == 3001
    rows = service("SHOW GRANTS ON TABLE DB.RAW.CLICKS")
    assert [(row["privilege"], row["grantee_name"], row["grant_option"]) for row in rows] == [
        ("OWNERSHIP", "LANDING", "true"),
        ("SELECT", "READER", "true"),
        ("SELECT", "GUEST", "false"),
    ]
