from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from snowflake.connector.errors import DatabaseError, Error

from laptop.testing.snowflake import Account, KeyPair, Rows, runner


@pytest.fixture
def user(account: Account, other_key: KeyPair) -> Callable[..., Rows]:
    """Create a service user with its own role; return a function to change it as ADMIN."""
    admin = runner(account.connect())
    admin(
        "CREATE ROLE LOADER",
        f"CREATE USER SVC TYPE = SERVICE RSA_PUBLIC_KEY = '{other_key.public_body}' DEFAULT_ROLE = \"LOADER\"",
        "GRANT ROLE LOADER TO USER SVC",
    )
    return admin


def refusal(account: Account, user: str, key: KeyPair, **options: str) -> Error:
    with pytest.raises(DatabaseError) as caught:
        account.connect(user, key, **options)
    return caught.value


def current(account: Account, user: str, key: KeyPair, **options: str) -> tuple[str, ...]:
    with closing(account.connect(user, key, **options).cursor()) as cursor:
        row: tuple[str, ...] = cursor.execute("SELECT CURRENT_USER(), CURRENT_ROLE()").fetchone()
    return row


def test_a_login_starts_in_the_default_role(
    account: Account, user: Callable[..., Rows], other_key: KeyPair
) -> None:
    assert current(account, "svc", other_key) == ("SVC", "LOADER")


def test_a_login_starts_in_the_requested_role(
    account: Account, user: Callable[..., Rows], other_key: KeyPair
) -> None:
    assert current(account, "svc", other_key, role="PUBLIC") == ("SVC", "PUBLIC")


def test_a_role_that_is_not_granted_is_refused(
    account: Account, user: Callable[..., Rows], other_key: KeyPair
) -> None:
    assert refusal(account, "svc", other_key, role="SYSADMIN").errno == 390186
    assert refusal(account, "svc", other_key, role="NOBODY").errno == 390189


@pytest.mark.parametrize("name", ["SVC", "NOBODY"])
def test_the_wrong_key_and_an_unknown_user_look_the_same(
    account: Account, user: Callable[..., Rows], admin_key: KeyPair, name: str
) -> None:
    error = refusal(account, name, admin_key)
    assert error.errno == 390144
    assert "JWT token is invalid" in str(error)


def test_a_second_key_works_until_it_is_removed(
    account: Account, user: Callable[..., Rows], admin_key: KeyPair
) -> None:
    user(f"ALTER USER SVC SET RSA_PUBLIC_KEY_2 = '{admin_key.public_body}'")
    assert current(account, "svc", admin_key) == ("SVC", "LOADER")
    user("ALTER USER SVC UNSET RSA_PUBLIC_KEY_2")
    assert refusal(account, "svc", admin_key).errno == 390144


def test_a_disabled_user_is_refused(account: Account, user: Callable[..., Rows], other_key: KeyPair) -> None:
    user("ALTER USER SVC SET DISABLED = TRUE")
    assert "disabled" in str(refusal(account, "svc", other_key))


def test_a_user_with_workload_identity_only_cannot_use_a_key(
    account: Account, user: Callable[..., Rows], other_key: KeyPair
) -> None:
    user(
        "CREATE USER WIF TYPE = SERVICE WORKLOAD_IDENTITY = (TYPE = AWS ARN = 'arn:aws:iam::000000000000:role/x')"
    )
    assert refusal(account, "wif", other_key).errno == 390144


def test_an_invalid_key_is_refused_when_it_is_set(user: Callable[..., Rows]) -> None:
    with pytest.raises(DatabaseError, match="RSA_PUBLIC_KEY"):
        user("ALTER USER SVC SET RSA_PUBLIC_KEY = 'bm90IGEga2V5'")


def test_the_requested_database_is_current(account: Account, landing: Callable[..., Rows]) -> None:
    query = runner(account.connect(role="SYSADMIN", database="DB", schema="RAW"))
    assert query("SELECT COUNT(*) AS N FROM CLICKS") == [{"N": 0}]
