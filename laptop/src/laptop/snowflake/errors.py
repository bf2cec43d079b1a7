"""Snowflake's errors: numbers, SQL states and wording; and the stand-in's own, which no one takes for Snowflake's."""

from __future__ import annotations

COMPILATION = "SQL compilation error:\n"
ACCESS = "SQL access control error:\n"
# Far above Snowflake's numbers; SQL states that begin with I to Z are left to implementations.
STAND_IN = 990_000
_STAND_IN_STATE = "LAP00"


class SnowflakeError(Exception):
    """An error that the client shows to its user.

    Attributes:
        message: Snowflake's message.
        errno: Snowflake's error number, e.g. 2003.
        sqlstate: The five-character SQL state, e.g. "02000".
    """

    def __init__(self, message: str, *, errno: int, sqlstate: str) -> None:
        super().__init__(message)
        self.message = message
        self.errno = errno
        self.sqlstate = sqlstate

    @property
    def code(self) -> str:
        """The error number in six digits, as sent to the client."""
        return f"{self.errno:06d}"


def syntax_error(*, line: int, position: int, unexpected: str) -> SnowflakeError:
    """No statement in Snowflake either, e.g. for an unclosed quote; all other syntax may only be unknown here."""
    where = f"syntax error line {line} at position {position} unexpected '{unexpected}'."
    return SnowflakeError(COMPILATION + where, errno=1003, sqlstate="42000")


def several_statements(count: int) -> SnowflakeError:
    """More than one statement in a request."""
    text = f"Actual statement count {count} did not match the desired statement count 1."
    return SnowflakeError(text, errno=8, sqlstate="0A000")


def unsupported(feature: str) -> SnowflakeError:
    """A limit of the stand-in, or a mistake that it cannot tell from one."""
    text = f"The laptop's stand-in cannot run this: {feature}. Snowflake may."
    return SnowflakeError(text, errno=STAND_IN, sqlstate=_STAND_IN_STATE)


def unknown_syntax(*, line: int, position: int, unexpected: str) -> SnowflakeError:
    """The stand-in cannot parse the statement at this position."""
    return unsupported(
        f"syntax that it does not know, line {line} at position {position} unexpected '{unexpected}'"
    )


def broken() -> SnowflakeError:
    """A bug of the stand-in."""
    text = "The laptop's stand-in failed at this statement, which is a bug; its log has the details."
    return SnowflakeError(text, errno=STAND_IN, sqlstate=_STAND_IN_STATE)


def invalid_property(name: str, kind: str) -> SnowflakeError:
    """A property that this kind of object does not have, usually a typo."""
    return SnowflakeError(
        f"{COMPILATION}invalid property '{name}' for '{kind}'", errno=1420, sqlstate="22023"
    )


def invalid_value(value: object, name: str) -> SnowflakeError:
    """An invalid value of a property."""
    text = f"{COMPILATION}invalid value [{value}] for parameter '{name}'"
    return SnowflakeError(text, errno=1008, sqlstate="22023")


def missing_property(name: str) -> SnowflakeError:
    """A required property is missing."""
    return SnowflakeError(f"{COMPILATION}Missing option(s): [{name}]", errno=2029, sqlstate="42601")


def not_found(kind: str, name: object) -> SnowflakeError:
    """The object does not exist, or is hidden from the role."""
    state = "42S02" if kind == "TABLE" else "02000"
    text = f"{COMPILATION}{kind.capitalize()} '{name}' does not exist or not authorized."
    return SnowflakeError(text, errno=2003, sqlstate=state)


def already_exists(name: object) -> SnowflakeError:
    """The name is in use."""
    return SnowflakeError(f"{COMPILATION}Object '{name}' already exists.", errno=2002, sqlstate="42710")


def insufficient_privileges(kind: str, name: object) -> SnowflakeError:
    """The role sees the object but may not do this to it."""
    text = f"{ACCESS}Insufficient privileges to operate on {kind.lower()} '{name}'."
    return SnowflakeError(text, errno=3001, sqlstate="42501")


def grant_not_executed() -> SnowflakeError:
    """The role may grant others, but not this privilege."""
    return SnowflakeError("Grant not executed: Insufficient privileges.", errno=3102, sqlstate="42501")


def role_not_assigned(role: str) -> SnowflakeError:
    """USE ROLE of a role that the user does not have."""
    said = f"Requested role '{role}' is not assigned to the executing user. Specify another role to activate."
    return SnowflakeError(ACCESS + said, errno=3013, sqlstate="42501")


def no_current(container: str, action: str) -> SnowflakeError:
    """An unqualified name in a session without a current database or schema."""
    text = (
        f"Cannot perform {action}. This session does not have a current {container}. "
        f"Call 'USE {container.upper()}', or use a qualified name."
    )
    return SnowflakeError(text, errno=90105 if container == "database" else 90106, sqlstate="22000")


def unusable(kind: str) -> SnowflakeError:
    """USE of an object that does not exist, or that the role may not use."""
    text = f"{COMPILATION}{kind.capitalize()} does not exist, or operation cannot be performed."
    return SnowflakeError(text, errno=2043, sqlstate="02000")


def no_warehouse() -> SnowflakeError:
    """A statement that reads rows, in a session without a warehouse."""
    text = (
        "No active warehouse selected in the current session.  "
        "Select an active warehouse with the 'use warehouse' command."
    )
    return SnowflakeError(text, errno=606, sqlstate="57P03")


def invalid_identifier(name: str) -> SnowflakeError:
    """A column that does not exist."""
    return SnowflakeError(f"{COMPILATION}invalid identifier '{name}'", errno=904, sqlstate="42000")


def compilation_error(text: str, *, errno: int = 2019, sqlstate: str = "0A000") -> SnowflakeError:
    """Any other statement that is well formed but cannot be executed."""
    return SnowflakeError(COMPILATION + text, errno=errno, sqlstate=sqlstate)


def location_not_allowed(url: str, integration: str) -> SnowflakeError:
    """A storage integration does not allow the location."""
    text = (
        f"Location '{url}' is not allowed by integration '{integration}'. Please use DESC INTEGRATION to check out "
        "allowed and blocked locations."
    )
    return compilation_error(text, errno=3167, sqlstate="42601")


def timed_out(seconds: float) -> SnowflakeError:
    """A statement that took longer than STATEMENT_TIMEOUT_IN_SECONDS."""
    text = (
        f"Statement reached its statement or warehouse timeout of {seconds:.0f} second(s) and was canceled."
    )
    return SnowflakeError(text, errno=630, sqlstate="57014")


def jwt_invalid(reference: str) -> SnowflakeError:
    """A failed key-pair login; Snowflake never sends the reason to the client."""
    return SnowflakeError(f"JWT token is invalid. [{reference}]", errno=390144, sqlstate="08001")
