"""Classification of the connector's exceptions: message and retry.

Compile errors and missing privileges are final. Temporary failures are retried while there is time: a service that is
busy or unreachable, a session that expired, a key or a role that AWS has created but not yet propagated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from clickstream_wire.environment import Login
from snowflake_setup.session.errors import (
    LoginRefusedError,
    NotOfferedError,
    ObjectMissingError,
    SnowflakeError,
    WarehouseNeededError,
)
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import ObjectName

_MISSING = {2003, 2043}
_NOT_ALLOWED = 3001
_NO_WAREHOUSE = {606, 607}
# An unsupported feature, a syntax error, an invalid property. What an account says that lacks error tables or storage
# lifecycle policies is not documented, so the words count, too.
_NOT_OFFERED = {2, 1003, 1420}
_MISSING_FEATURE = re.compile(r"error.logging|error table|lifecycle polic(y|ies) (is|are) not", re.IGNORECASE)
_NO_RETENTION = (
    "the account does not offer storage lifecycle policies, as in government regions: set rows.keep_days = 0, and "
    "delete old rows yourself (docs/analysts.md)"
)
_SESSION_GONE = {390104, 390111, 390112, 390114}
# The connector gave up after its own retries: 14 in time, 250001 and 250003 on the way. 630 is the server's time-out.
_OUT_OF_REACH = {14, 630, 250001, 250003}
_KEY_NOT_KNOWN_YET = re.compile(
    r"InvalidAccessKeyId|AWS Access Key Id you provided|Access Denied \(Status Code: 403"
)
_KEY_SECONDS = 60.0
_ROLE_NOT_KNOWN_YET = re.compile(r"assuming AWS_ROLE|sts:AssumeRole")
_ROLE_SECONDS = 180.0
_BOOTSTRAP = "run the administrator's bootstrap SQL (`clickstream bootstrap-sql`) again"
_WAREHOUSE = f"set {Login.WAREHOUSE} of this function, and grant USAGE ON WAREHOUSE to its role: {_BOOTSTRAP}"
_KEY = (
    "the private key in the login secret cannot be read: store it as PEM (PKCS#8) with its line breaks, and its "
    "passphrase, if it has one, in the field passphrase"
)
_ADVICE = {
    606: _WAREHOUSE,
    607: _WAREHOUSE,
    390144: "the user's RSA_PUBLIC_KEY is not that of the private key in the login secret",
    390186: "the role is not granted to the user: run the administrator's bootstrap SQL",
    390189: "the role does not exist or is not granted to the user: run the administrator's bootstrap SQL",
    390422: "a network policy blocks the function, whose addresses are AWS's and change: give the user a separate "
    "network policy (docs/first-deployment.md)",
    14: "Snowflake did not answer in time",
    630: "the function allows a statement no more time; a larger warehouse may be faster",
    250001: "Snowflake cannot be reached: check the account name, the host and the network",
    251007: _KEY,
}
# Causes that no repetition helps against, by their texts: the connector (5.2) also reports them as 250001.
_FINAL = {
    re.compile(r"Authentication failed\."): _KEY,
    re.compile(r"Invalid Snowflake response|after retries: .*(certificate|corrupt message)"): (
        "what answered is not this Snowflake account: check snowflake.account, snowflake.host and any proxy"
    ),
    re.compile(r"attestation failed"): (
        "the function cannot prove its IAM role: check snowflake.host, and that the login is for AWS"
    ),
    re.compile(r"rejected by the current authentication policy"): (
        "an authentication policy of the account does not allow this login method: give the user a separate policy "
        "(docs/first-deployment.md)"
    ),
    re.compile(r"direct credentials.* has been forbidden"): (
        "the account lets stages read with a storage integration only: set access.mode = "
        f'"storage_integration", and {_BOOTSTRAP}'
    ),
    # Until 2026, error tables were for INSERT, UPDATE and MERGE only.
    re.compile(r"Error logging is not supported in statement 'COPY INTO'"): (
        "the account has no error tables for loads: set snowflake.error_logging = false"
    ),
}


class ConnectorError(Protocol):
    """The part of the connector's exceptions that is used here."""

    errno: int
    sqlstate: str | None
    sfqid: str | None
    raw_msg: str


@dataclass(frozen=True)
class Refusal:
    """One refusal by Snowflake, and how long it is worth retrying."""

    error: SnowflakeError
    session_gone: bool = False
    try_again_seconds: float = 0.0


def statement_refusal(error: ConnectorError, statement: Statement) -> Refusal:
    """The meaning of a failed statement."""
    message = f"{statement.kind} {statement.name}: Snowflake says {_words(error, statement)}"
    failure: type[SnowflakeError] = SnowflakeError
    if error.errno in _MISSING:
        failure = ObjectMissingError
    elif error.errno in _NO_WAREHOUSE:
        failure = WarehouseNeededError
    elif _not_offered(error):
        failure = NotOfferedError
    return Refusal(
        failure(message, code=error.errno, query_id=error.sfqid),
        session_gone=error.errno in _SESSION_GONE,
        try_again_seconds=_patience(error, statement),
    )


def login_refusal(error: ConnectorError, user: str, account: str) -> Refusal:
    """The meaning of a failed login."""
    message = f"login of {user} to {account}: Snowflake says {_words(error)}"
    transient = error.errno in _OUT_OF_REACH and not _final(error)
    return Refusal(
        LoginRefusedError(message, code=error.errno), try_again_seconds=float("inf") if transient else 0.0
    )


def _not_offered(error: ConnectorError) -> bool:
    return error.errno in _NOT_OFFERED or (
        error.errno != _NOT_ALLOWED and bool(_MISSING_FEATURE.search(error.raw_msg))
    )


def _final(error: ConnectorError) -> str:
    """Advice if no repetition helps, else empty."""
    return next((advice for text, advice in _FINAL.items() if text.search(error.raw_msg)), "")


def _patience(error: ConnectorError, statement: Statement) -> float:
    # In both cases the statement was not carried out.
    if error.errno in _SESSION_GONE:
        return float("inf")
    if _KEY_NOT_KNOWN_YET.search(error.raw_msg):
        return _KEY_SECONDS
    if _ROLE_NOT_KNOWN_YET.search(error.raw_msg):
        return _ROLE_SECONDS
    if error.errno in _OUT_OF_REACH and statement.repeatable:
        return float("inf")
    return 0.0


def _words(error: ConnectorError, statement: Statement | None = None) -> str:
    message = " ".join(error.raw_msg.split())
    for secret in statement.secrets() if statement else ():
        message = message.replace(secret.reveal(), "***")
    if statement and any(secret.leaks_in(message) for secret in statement.secrets()):
        message = "(withheld: it repeats a part of the credentials)"
    code = f"{error.errno:06d}" if error.errno >= 0 else "no code"
    query = f" (query {error.sfqid})" if error.sfqid else ""
    advice = _advice(error, statement)
    return f"{code}: {message}{query}" + (f"; {advice}" if advice else "")


def _advice(error: ConnectorError, statement: Statement | None) -> str:
    if told := _final(error):
        return told
    if statement and error.errno in _MISSING:
        way = (
            f"{_way_in(statement.name)}, or {_privilege(statement)}"
            if statement.needs
            else _way_in(statement.name)
        )
        return f"check the name; if the object exists, the role may lack {way}: {_BOOTSTRAP}"
    if statement and error.errno == _NOT_ALLOWED:
        return f"the role lacks {_privilege(statement)}: {_BOOTSTRAP}"
    if statement and "LIFECYCLE POLICY" in statement.kind and _not_offered(error):
        return _NO_RETENTION
    return _ADVICE.get(error.errno, "")


def not_seen(name: ObjectName) -> str:
    """Advice for an object that exists but that Snowflake does not show."""
    return f"the role may lack {_way_in(name)}: {_BOOTSTRAP}"


def _way_in(name: ObjectName) -> str:
    """The privileges without which Snowflake reports that there is no such object."""
    if len(name.parts) == 1:
        return f"USAGE ON INTEGRATION {name}"
    return f"USAGE ON DATABASE {name.parent.database.sql()}, or USAGE ON SCHEMA {name.parent.sql()}"


def _privilege(statement: Statement) -> str:
    """The privilege that the statement needs."""
    if statement.needs:
        return f"{statement.needs} {statement.name}"
    if not statement.kind.startswith("CREATE "):
        return f"a privilege that {statement.kind} needs, e.g. OWNERSHIP, on {statement.name}"
    privilege = statement.kind.replace(" OR REPLACE ", " ")
    if len(statement.name.parts) == 1:
        return f"{privilege} ON ACCOUNT"
    return f"{privilege} ON SCHEMA {statement.name.parent.sql()}"
