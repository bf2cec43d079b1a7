"""Network and authentication policies, checked at each login, and the login history."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from snowflake.connector.errors import DatabaseError, ProgrammingError

from laptop.testing.snowflake import Account, KeyPair, Rows, runner

Run = Callable[..., Rows]
NETWORK, AUTHENTICATION = 390422, 390202
HISTORY = "TABLE(DB.INFORMATION_SCHEMA.LOGIN_HISTORY_BY_USER(USER_NAME => 'SVC', RESULT_LIMIT => 5))"


@pytest.fixture
def admin(account: Account, other_key: KeyPair) -> Run:
    run = runner(account.connect())
    run(
        f"CREATE USER SVC TYPE = SERVICE RSA_PUBLIC_KEY = '{other_key.public_body}'",
        "CREATE NETWORK POLICY OFFICE ALLOWED_IP_LIST = ('203.0.113.0/24')",
        "CREATE NETWORK POLICY ANYWHERE ALLOWED_IP_LIST = ('0.0.0.0/0') BLOCKED_IP_LIST = ('203.0.113.9')",
        "CREATE NETWORK POLICY NOT_HERE ALLOWED_IP_LIST = ('0.0.0.0/0') BLOCKED_IP_LIST = ('127.0.0.1')",
        "CREATE DATABASE DB",
        "CREATE AUTHENTICATION POLICY DB.PUBLIC.PEOPLE AUTHENTICATION_METHODS = ('SAML', 'PASSWORD')",
        "CREATE AUTHENTICATION POLICY DB.PUBLIC.WEB CLIENT_TYPES = ('SNOWFLAKE_UI')",
        "CREATE AUTHENTICATION POLICY DB.PUBLIC.SERVICES AUTHENTICATION_METHODS = ('KEYPAIR') "
        "CLIENT_TYPES = ('DRIVERS')",
    )
    return run


def refused(account: Account, key: KeyPair) -> int | None:
    """The error of a login as SVC; None if it succeeds."""
    try:
        account.connect("SVC", key).close()
    except DatabaseError as error:
        number: int = error.errno
        return number
    return None


@pytest.mark.parametrize(
    ("policy", "error"), [("OFFICE", NETWORK), ("NOT_HERE", NETWORK), ("ANYWHERE", None)]
)
def test_a_network_policy_of_a_user_decides_who_may_connect(
    account: Account, admin: Run, other_key: KeyPair, policy: str, error: int | None
) -> None:
    assert refused(account, other_key) is None
    admin(f"ALTER USER SVC SET NETWORK_POLICY = {policy}")
    assert refused(account, other_key) == error
    (row,) = admin("SHOW PARAMETERS LIKE 'NETWORK_POLICY' FOR USER SVC")
    assert (row["value"], row["level"]) == (policy, "USER")
    admin("ALTER USER SVC UNSET NETWORK_POLICY")
    assert refused(account, other_key) is None


def test_the_accounts_network_policy_is_for_users_without_one(
    account: Account, admin: Run, other_key: KeyPair
) -> None:
    for policy in ("OFFICE", "NOT_HERE", "NO_SUCH"):
        with pytest.raises(ProgrammingError):
            admin(f"ALTER ACCOUNT SET NETWORK_POLICY = {policy}")
    admin(
        "ALTER ACCOUNT SET NETWORK_POLICY = ANYWHERE",
        "ALTER NETWORK POLICY ANYWHERE SET ALLOWED_IP_LIST = ()",
    )
    assert refused(account, other_key) == NETWORK
    (row,) = admin("SHOW PARAMETERS LIKE 'NETWORK_POLICY' IN USER SVC")
    assert (row["value"], row["level"]) == ("ANYWHERE", "ACCOUNT")
    admin("ALTER ACCOUNT UNSET NETWORK_POLICY")
    assert refused(account, other_key) is None


def test_a_network_policy_is_described_by_its_lists(admin: Run) -> None:
    assert {row["name"]: row["value"] for row in admin("DESC NETWORK POLICY ANYWHERE")} == {
        "ALLOWED_IP_LIST": "0.0.0.0/0",
        "BLOCKED_IP_LIST": "203.0.113.9",
    }


@pytest.mark.parametrize(
    ("policy", "error"), [("PEOPLE", AUTHENTICATION), ("WEB", AUTHENTICATION), ("SERVICES", None)]
)
@pytest.mark.parametrize("target", ["USER SVC", "ACCOUNT"])
def test_an_authentication_policy_decides_how_to_log_in(
    account: Account, admin: Run, other_key: KeyPair, target: str, policy: str, error: int | None
) -> None:
    admin(f"ALTER {target} SET AUTHENTICATION POLICY DB.PUBLIC.{policy}")
    assert refused(account, other_key) == error
    (row,) = admin(f"SHOW AUTHENTICATION POLICIES ON {target}")
    assert (row["database_name"], row["schema_name"], row["name"]) == ("DB", "PUBLIC", policy)
    with pytest.raises(ProgrammingError, match="already has a AUTHENTICATION_POLICY"):
        admin(f"ALTER {target} SET AUTHENTICATION POLICY DB.PUBLIC.SERVICES")
    admin(f"ALTER {target} UNSET AUTHENTICATION POLICY")
    assert (refused(account, other_key), admin(f"SHOW AUTHENTICATION POLICIES ON {target}")) == (None, [])


def test_a_users_authentication_policy_comes_before_the_accounts(
    account: Account, admin: Run, other_key: KeyPair
) -> None:
    admin(
        "ALTER ACCOUNT SET AUTHENTICATION POLICY DB.PUBLIC.PEOPLE",
        "ALTER USER SVC SET AUTHENTICATION POLICY DB.PUBLIC.SERVICES",
    )
    assert refused(account, other_key) is None
    shown = {row["property"]: row["value"] for row in admin("DESC AUTHENTICATION POLICY DB.PUBLIC.PEOPLE")}
    assert shown == {"AUTHENTICATION_METHODS": "[SAML, PASSWORD]", "CLIENT_TYPES": "[ALL]"}


def test_the_login_history_has_refused_logins_too(account: Account, admin: Run, other_key: KeyPair) -> None:
    asked = f"SELECT IS_SUCCESS, ERROR_CODE FROM {HISTORY} ORDER BY EVENT_TIMESTAMP"
    assert admin(asked) == []
    refused(account, other_key)
    admin("ALTER USER SVC SET NETWORK_POLICY = OFFICE")
    refused(account, other_key)
    assert admin(asked) == [
        {"IS_SUCCESS": "YES", "ERROR_CODE": None},
        {"IS_SUCCESS": "NO", "ERROR_CODE": NETWORK},
    ]
    with pytest.raises(ProgrammingError, match="Insufficient privileges"):
        admin("USE ROLE SYSADMIN", asked)


def test_the_region_is_that_of_the_lake(admin: Run) -> None:
    assert admin("SELECT CURRENT_REGION() AS R") == [{"R": "AWS_EU_WEST_1"}]


def test_future_grants_are_listed_by_their_container(admin: Run) -> None:
    admin(
        "CREATE ROLE READER",
        "GRANT SELECT ON FUTURE TABLES IN DATABASE DB TO ROLE READER",
        "GRANT MONITOR ON FUTURE PIPES IN SCHEMA DB.PUBLIC TO ROLE READER",
    )
    (row,) = admin("SHOW FUTURE GRANTS IN DATABASE DB")
    assert (row["privilege"], row["grant_on"], row["name"]) == ("SELECT", "TABLE", "DB.<TABLE>")
    (row,) = admin("SHOW FUTURE GRANTS IN SCHEMA DB.PUBLIC")
    assert (row["privilege"], row["grant_on"], row["grantee_name"]) == ("MONITOR", "PIPE", "READER")
