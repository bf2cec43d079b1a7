"""The errors Snowflake answers with: its error numbers, SQL states and wording."""

from __future__ import annotations

COMPILATION = "SQL compilation error:\n"
ACCESS = "SQL access control error:\n"


class SnowflakeError(Exception):
    """A refusal the client shows to its user.

    Attributes:
        message: What Snowflake would say.
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
        """The error number as it travels on the wire, six digits."""
        return f"{self.errno:06d}"


def syntax_error(*, line: int, position: int, unexpected: str) -> SnowflakeError:
    """The statement cannot be read at this place."""
    where = f"syntax error line {line} at position {position} unexpected '{unexpected}'."
    return SnowflakeError(COMPILATION + where, errno=1003, sqlstate="42000")


def unsupported(feature: str) -> SnowflakeError:
    """The stand-in does not do this, and says so instead of pretending."""
    return SnowflakeError(f"Unsupported feature '{feature}'.", errno=2, sqlstate="0A000")


def invalid_property(name: str, kind: str) -> SnowflakeError:
    """A property that this kind of object does not have, mostly a typo."""
    return SnowflakeError(
        f"{COMPILATION}invalid property '{name}' for '{kind}'", errno=1420, sqlstate="22023"
    )


def invalid_value(value: object, name: str) -> SnowflakeError:
    """A property has a value it cannot take."""
    text = f"{COMPILATION}invalid value [{value}] for parameter '{name}'"
    return SnowflakeError(text, errno=1008, sqlstate="22023")


def missing_property(name: str) -> SnowflakeError:
    """A property without which the object cannot be created."""
    return SnowflakeError(f"{COMPILATION}Missing option(s): [{name}]", errno=2029, sqlstate="42601")


def not_found(kind: str, name: object) -> SnowflakeError:
    """The object is absent, or the role may not even know that it is there."""
    state = "42S02" if kind == "TABLE" else "02000"
    text = f"{COMPILATION}{kind.capitalize()} '{name}' does not exist or not authorized."
    return SnowflakeError(text, errno=2003, sqlstate=state)


def already_exists(name: object) -> SnowflakeError:
    """The name is taken."""
    return SnowflakeError(f"{COMPILATION}Object '{name}' already exists.", errno=2002, sqlstate="42710")


def insufficient_privileges(kind: str, name: object) -> SnowflakeError:
    """The role sees the object but may not do this to it."""
    text = f"{ACCESS}Insufficient privileges to operate on {kind.lower()} '{name}'."
    return SnowflakeError(text, errno=3001, sqlstate="42501")


def grant_not_executed() -> SnowflakeError:
    """The role may grant much, but not this privilege."""
    return SnowflakeError("Grant not executed: Insufficient privileges.", errno=3102, sqlstate="42501")


def role_not_assigned(role: str) -> SnowflakeError:
    """USE ROLE of a role that the user does not have."""
    said = f"Requested role '{role}' is not assigned to the executing user. Specify another role to activate."
    return SnowflakeError(ACCESS + said, errno=3013, sqlstate="42501")


def no_current(container: str, action: str) -> SnowflakeError:
    """An unqualified name, and the session has no database or schema to look in."""
    text = (
        f"Cannot perform {action}. This session does not have a current {container}. "
        f"Call 'USE {container.upper()}', or use a qualified name."
    )
    return SnowflakeError(text, errno=90105 if container == "database" else 90106, sqlstate="22000")


def unusable(kind: str) -> SnowflakeError:
    """USE of what is not there, or not for this role."""
    text = f"{COMPILATION}{kind.capitalize()} does not exist, or operation cannot be performed."
    return SnowflakeError(text, errno=2043, sqlstate="02000")


def no_warehouse() -> SnowflakeError:
    """A statement that has to read rows, in a session with nothing to read them on."""
    text = (
        "No active warehouse selected in the current session.  "
        "Select an active warehouse with the 'use warehouse' command."
    )
    return SnowflakeError(text, errno=606, sqlstate="57P03")


def invalid_identifier(name: str) -> SnowflakeError:
    """A column that is not there."""
    return SnowflakeError(f"{COMPILATION}invalid identifier '{name}'", errno=904, sqlstate="42000")


def compilation_error(text: str, *, errno: int = 2019, sqlstate: str = "0A000") -> SnowflakeError:
    """Any other statement that is well formed but asks for what cannot be."""
    return SnowflakeError(COMPILATION + text, errno=errno, sqlstate=sqlstate)


def location_not_allowed(url: str, integration: str) -> SnowflakeError:
    """A storage integration does not cover the place."""
    text = (
        f"Location '{url}' is not allowed by integration '{integration}'. Please use DESC INTEGRATION to check out "
        "allowed and blocked locations."
    )
    return compilation_error(text, errno=3167, sqlstate="42601")


def jwt_invalid(reference: str) -> SnowflakeError:
    """A key-pair login that failed; Snowflake never tells the client why."""
    return SnowflakeError(f"JWT token is invalid. [{reference}]", errno=390144, sqlstate="08001")
