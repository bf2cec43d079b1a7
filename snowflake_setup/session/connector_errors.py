"""What a connector's exception means: what to tell, and whether to try again.

Compile errors and missing privileges are final. What passes by itself is tried again while there is time: a service
that is busy or out of reach, a session that expired, a key or a role that AWS has made and not yet told everywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from clickstream_wire.environment import Login
from snowflake_setup.session.errors import (
    LoginRefusedError,
    ObjectMissingError,
    SnowflakeError,
    WarehouseNeededError,
)
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import ObjectName

_MISSING = {2003, 2043}
_NOT_ALLOWED = 3001
_NO_WAREHOUSE = {606, 607}
_SESSION_GONE = {390104, 390111, 390112, 390114}
# The connector gave up after its own retries: 14 in time, 250001 and 250003 on the way.
_OUT_OF_REACH = {14, 250001, 250003}
_KEY_NOT_KNOWN_YET = re.compile(
    r"InvalidAccessKeyId|AWS Access Key Id you provided|Access Denied \(Status Code: 403"
)
_KEY_SECONDS = 60.0
_ROLE_NOT_KNOWN_YET = re.compile(r"assuming AWS_ROLE|sts:AssumeRole")
_ROLE_SECONDS = 180.0
_BOOTSTRAP = "run the administrator's bootstrap SQL (`clickstream bootstrap-sql`) again"
_WAREHOUSE = f"set {Login.WAREHOUSE} of this function, and grant USAGE ON WAREHOUSE to its role: {_BOOTSTRAP}"
_ADVICE = {
    606: _WAREHOUSE,
    607: _WAREHOUSE,
    390144: "the user's RSA_PUBLIC_KEY is not that of the private key in the login secret",
    390186: "the role is not granted to the user: run the administrator's bootstrap SQL",
    390189: "the role does not exist or is not granted to the user: run the administrator's bootstrap SQL",
    390422: "a network policy keeps the function out, whose addresses are AWS's and change: give the user a network "
    "policy of its own (docs/first-deployment.md)",
    14: "Snowflake did not answer in time",
    250001: "Snowflake is out of reach: check the account name, the host and the network",
    251007: "the private key in the login secret cannot be read: store it as PEM (PKCS#8)",
}


class ConnectorError(Protocol):
    """What we read of the connector's exceptions."""

    errno: int
    sqlstate: str | None
    sfqid: str | None
    raw_msg: str


@dataclass(frozen=True)
class Refusal:
    """One refusal of Snowflake, and how long it is worth trying again."""

    error: SnowflakeError
    session_gone: bool = False
    try_again_seconds: float = 0.0


def statement_refusal(error: ConnectorError, statement: Statement) -> Refusal:
    """What it means that a statement failed."""
    told = f"{statement.kind} {statement.name}: Snowflake says {_words(error, statement)}"
    failure: type[SnowflakeError] = SnowflakeError
    if error.errno in _MISSING:
        failure = ObjectMissingError
    elif error.errno in _NO_WAREHOUSE:
        failure = WarehouseNeededError
    return Refusal(
        failure(told, code=error.errno, query_id=error.sfqid),
        session_gone=error.errno in _SESSION_GONE,
        try_again_seconds=_patience(error, statement),
    )


def login_refusal(error: ConnectorError, user: str, account: str) -> Refusal:
    """What it means that a login failed."""
    told = f"login of {user} to {account}: Snowflake says {_words(error)}"
    return Refusal(
        LoginRefusedError(told, code=error.errno),
        try_again_seconds=float("inf") if error.errno in _OUT_OF_REACH else 0.0,
    )


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
    if statement and any(secret.told_by(message) for secret in statement.secrets()):
        message = "(withheld: it repeats a part of the credentials)"
    code = f"{error.errno:06d}" if error.errno >= 0 else "no code"
    query = f" (query {error.sfqid})" if error.sfqid else ""
    advice = _advice(error, statement)
    return f"{code}: {message}{query}" + (f"; {advice}" if advice else "")


def _advice(error: ConnectorError, statement: Statement | None) -> str:
    if statement and error.errno in _MISSING:
        way = (
            f"{_way_in(statement.name)}, or {_privilege(statement)}"
            if statement.needs
            else _way_in(statement.name)
        )
        return f"check the name; if it is there, the role may lack {way}: {_BOOTSTRAP}"
    if statement and error.errno == _NOT_ALLOWED:
        return f"the role lacks {_privilege(statement)}: {_BOOTSTRAP}"
    return _ADVICE.get(error.errno, "")


def not_seen(name: ObjectName) -> str:
    """What to do about an object that is there, while Snowflake denies it."""
    return f"the role may lack {_way_in(name)}: {_BOOTSTRAP}"


def _way_in(name: ObjectName) -> str:
    """The privileges without which Snowflake denies that there is such an object."""
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
