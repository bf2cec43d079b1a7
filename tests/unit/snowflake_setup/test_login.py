"""Logins: their parameters, refusals that are final, and keys that the connector cannot read."""

from __future__ import annotations

import io

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from snowflake.connector.errors import DatabaseError, Error, OperationalError

from snowflake_setup.session.connection import SnowflakeSession
from snowflake_setup.session.errors import (
    LoginRefusedError,
)
from snowflake_setup.session.logs import Log
from snowflake_setup.session.settings import Settings
from tests.unit.snowflake_setup.fake_server import FakeServer
from tests.unit.snowflake_setup.fake_session import FakeClock, FakeSecrets
from tests.unit.snowflake_setup.sessions import DESC, KEY_PAIR, refused


def test_the_login_has_the_connectors_parameters(server: FakeServer, session: SnowflakeSession) -> None:
    session.execute(DESC)
    login = server.logins[0]
    assert {key: login[key] for key in ("account", "user", "role", "host", "port")} == {
        "account": "acme",
        "user": "SVC",
        "role": "DEPLOYER",
        "host": "h",
        "port": 8443,
    }
    assert (login["authenticator"], login["private_key"]) == ("SNOWFLAKE_JWT", "-----BEGIN-----")
    assert login["private_key_password"] == "pp"
    assert "protocol" not in login
    assert "password" not in login
    assert login["query_timeout"] == 300
    assert login["session_parameters"] == {
        "QUERY_TAG": "snowflake_setup",
        "TIMEZONE": "UTC",
        "QUOTED_IDENTIFIERS_IGNORE_CASE": False,
        "STATEMENT_TIMEOUT_IN_SECONDS": 300,
        "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS": 300,
    }


def test_workload_identity_reads_no_secret(server: FakeServer, clock: FakeClock) -> None:
    secrets = FakeSecrets({})
    settings = Settings("acme", "SVC", "DEPLOYER", "workload_identity")
    with SnowflakeSession(settings, secrets=secrets, clock=clock, log=Log(stream=io.StringIO())) as session:
        session.execute(DESC)
    assert server.logins[0]["authenticator"] == "WORKLOAD_IDENTITY"
    assert server.logins[0]["workload_identity_provider"] == "AWS"
    assert not secrets.reads


@pytest.mark.parametrize(
    ("errno", "told"),
    [
        (390144, "RSA_PUBLIC_KEY is not that of the private key"),
        (390189, "not granted to the user"),
        (390422, "give the user a separate network policy"),
        (390100, "SVC"),
    ],
)
def test_a_refused_login_fails_at_once(
    server: FakeServer, session: SnowflakeSession, errno: int, told: str
) -> None:
    server.refusals = [refused(errno, "Failed to login", DatabaseError)]
    with pytest.raises(LoginRefusedError, match=told):
        session.execute(DESC)
    assert len(server.logins) == 1


@pytest.mark.parametrize("errno", [390202, 250001])
def test_a_login_that_a_policy_of_the_account_refuses_fails_at_once(
    server: FakeServer, session: SnowflakeSession, errno: int
) -> None:
    message = "Authentication attempt rejected by the current authentication policy."
    server.refusals = [refused(errno, message, DatabaseError)]
    with pytest.raises(LoginRefusedError, match="give the user a separate policy"):
        session.execute(DESC)
    assert len(server.logins) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        refused(14, "Failed to login: login timed out after 5s", OperationalError),
        refused(
            250001,
            "Failed to login: HTTP request failed after retries: login request. max attempts (6) reached; last "
            "status 429 Too Many Requests",
            DatabaseError,
        ),
    ],
    ids=["no answer", "too busy"],
)
def test_a_login_without_an_answer_is_retried(
    server: FakeServer, session: SnowflakeSession, refusal: Error
) -> None:
    server.refusals = [refusal]
    session.execute(DESC)
    assert len(server.logins) == 2


def _private_key(encryption: KeySerializationEncryption, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.PEM, form, encryption).decode()


_PLAIN = _private_key(NoEncryption())


_ENCRYPTED = _private_key(BestAvailableEncryption(b"right"))


_UNREADABLE = {
    "line breaks as two characters": {"private_key": _PLAIN.replace("\n", "\\n")},
    "cut in the middle": {"private_key": _PLAIN[:800] + "\n-----END PRIVATE KEY-----\n"},
    "without its last line": {"private_key": _PLAIN[:-30]},
    "not a key": {"private_key": "s3cr3t"},
    "a certificate": {"private_key": _PLAIN.replace("PRIVATE KEY", "CERTIFICATE")},
    "of OpenSSH": {"private_key": _private_key(NoEncryption(), PrivateFormat.OpenSSH)},
    "encrypted, without passphrase": {"private_key": _ENCRYPTED},
    "encrypted, wrong passphrase": {"private_key": _ENCRYPTED, "passphrase": "s3cr3t"},
}


@pytest.mark.parametrize("secret", _UNREADABLE.values(), ids=_UNREADABLE)
def test_the_connector_cannot_read_a_key_and_says_so_at_once(
    clock: FakeClock, secret: dict[str, str]
) -> None:
    """With the real connector, which never gets as far as the network."""
    secrets = FakeSecrets({"arn:login": secret})
    with (
        SnowflakeSession(KEY_PAIR, secrets=secrets, clock=clock, log=Log(stream=io.StringIO())) as session,
        pytest.raises(
            LoginRefusedError, match="the private key in the login secret cannot be read"
        ) as caught,
    ):
        session.execute(DESC)
    assert "cannot be reached" not in str(caught.value)
    assert "s3cr3t" not in str(caught.value)
    assert clock.remaining() == 600


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            "Invalid Snowflake response. Snowflake responded with error status: 403 Forbidden",
            "check snowflake.account",
        ),
        ("Invalid Snowflake response. expected ident at line 1 column 2", "any proxy"),
        (
            "HTTP request failed after retries: login request. invalid peer certificate: UnknownIssuer",
            "any proxy",
        ),
        (
            "Workload Identity Federation attestation failed: Refusing to send a Workload Identity attestation",
            "IAM role",
        ),
    ],
)
def test_an_answer_that_is_not_snowflakes_is_told_at_once(
    server: FakeServer, session: SnowflakeSession, message: str, told: str
) -> None:
    server.refusals = [refused(250001, f"Failed to login: {message}", DatabaseError)]
    with pytest.raises(LoginRefusedError, match=told):
        session.execute(DESC)
    assert len(server.logins) == 1
