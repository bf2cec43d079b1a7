from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from laptop.snowflake.catalog import Catalog
from laptop.snowflake.errors import SnowflakeError
from laptop.snowflake.login import LoginRequest, authenticate, fingerprint
from laptop.snowflake.names import Name
from laptop.snowflake.objects import User
from laptop.snowflake.store import Store
from laptop.testing.snowflake import KeyPair


@pytest.fixture(scope="module")
def key() -> KeyPair:
    return KeyPair()


@pytest.fixture
def catalog(tmp_path: Path, key: KeyPair) -> Iterator[Catalog]:
    store = Store(tmp_path / "state")
    catalog = Catalog(store)
    catalog.put(User(name=Name(("U",)), owner="R", login_name="U", rsa_public_key=key.public_body))
    yield catalog
    store.close()


def token(key: KeyPair, *, algorithm: str = "RS256", **changed: Any) -> str:
    """A token; its times are seconds from now, since tests may run long after their collection."""
    claims: dict[str, Any] = {
        "iss": f"LOCAL.U.{fingerprint(key.public_body)}",
        "sub": "LOCAL.U",
        "iat": 0,
        "exp": 120,
    }
    claims = {name: value for name, value in (claims | changed).items() if value is not None}
    claims |= {name: int(time.time()) + claims[name] for name in ("iat", "exp") if name in claims}
    return jwt.encode(claims, key.private, algorithm=algorithm)


def test_a_valid_token_is_accepted(catalog: Catalog, key: KeyPair) -> None:
    assert authenticate(catalog, LoginRequest("u", "snowflake_jwt", token(key))).name == Name(("U",))


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "LOCAL.U.SHA256:wrong"},
        {"iss": None},
        {"sub": "LOCAL.OTHER"},
        {"sub": "ELSEWHERE.U"},
        {"iat": -900, "exp": -300},
        {"exp": 7200},
        {"exp": None},
        {"iat": 900},
        {"algorithm": "RS512"},
    ],
    # Fixed names, since all workers of a parallel run must collect the same tests.
    ids=[
        "issuer",
        "no issuer",
        "subject",
        "account",
        "expired",
        "too long",
        "no end",
        "of the future",
        "algorithm",
    ],
)
def test_a_token_with_one_wrong_claim_is_refused(
    catalog: Catalog, key: KeyPair, changed: dict[str, Any]
) -> None:
    with pytest.raises(SnowflakeError) as caught:
        authenticate(catalog, LoginRequest("U", "SNOWFLAKE_JWT", token(key, **changed)))
    assert caught.value.errno == 390144


def test_the_signature_of_another_key_is_refused(catalog: Catalog, key: KeyPair) -> None:
    other = KeyPair()
    forged = token(other, iss=f"LOCAL.U.{fingerprint(key.public_body)}")
    with pytest.raises(SnowflakeError, match="JWT token is invalid"):
        authenticate(catalog, LoginRequest("U", "SNOWFLAKE_JWT", forged))


@pytest.mark.parametrize("text", ["", "a.b.c", "e30.e30."])
def test_a_malformed_token_is_refused(catalog: Catalog, text: str) -> None:
    with pytest.raises(SnowflakeError, match="JWT token is invalid"):
        authenticate(catalog, LoginRequest("U", "SNOWFLAKE_JWT", text))


def test_passwords_are_refused(catalog: Catalog) -> None:
    with pytest.raises(SnowflakeError, match="key pair"):
        authenticate(catalog, LoginRequest("U", "SNOWFLAKE", "secret"))
