"""Errors, one class for each kind of reaction.

    SetupError
    ├── PropertyError           the template asks for something that cannot be read
    ├── SettingsError           the function's own environment is wrong
    ├── SecretError             a secret is missing, unreadable or has the wrong shape
    ├── DefinitionConflictError an object of that name exists and differs
    ├── UnsafeChangeError       the change could lose or duplicate rows
    ├── OutOfTimeError          Snowflake was not done before the function had to respond
    └── SnowflakeError          Snowflake refused, with its code and query id
        ├── LoginRefusedError   no session
        ├── ObjectMissingError  it does not exist, or the role cannot see it
        ├── NotOfferedError     the account does not know a property that the statement sets
        └── WarehouseNeededError the statement needs a warehouse and the session has none

No message contains a secret, or the SQL of a statement that does.
"""

from __future__ import annotations

# CloudFormation accepts 4,096 bytes in all; CDK's framework adds the stack trace to the message.
REASON_BYTES = 1_200


class SetupError(Exception):
    """Base of everything this function reports to CloudFormation."""

    def __init__(self, message: str) -> None:
        super().__init__(shortened(message))


class PropertyError(SetupError, ValueError):
    """A resource property is missing, unknown or malformed."""


class SettingsError(SetupError, ValueError):
    """An environment variable of the function is missing or malformed."""


class SecretError(SetupError):
    """A secret cannot be read from Secrets Manager, or is not the required JSON."""


class DefinitionConflictError(SetupError):
    """An object of the wanted name exists already and differs."""


class UnsafeChangeError(SetupError):
    """The change is refused because it could lose or duplicate rows, or change their types."""


class OutOfTimeError(SetupError):
    """The time of this invocation is used up."""


class SnowflakeError(SetupError):
    """Snowflake refused a statement or a login."""

    def __init__(self, message: str, *, code: int = -1, query_id: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.query_id = query_id


class LoginRefusedError(SnowflakeError):
    """The login failed: because of the user, the role, the key or the network."""


class ObjectMissingError(SnowflakeError):
    """The object does not exist, or the role cannot see it: Snowflake does not say which."""


class NotOfferedError(SnowflakeError):
    """The account does not offer a property that the statement sets."""


class WarehouseNeededError(SnowflakeError):
    """The statement reads from a table function, which runs on a warehouse only."""


def shortened(message: str, limit: int = REASON_BYTES) -> str:
    """`message`, cut to the size that CloudFormation accepts."""
    raw = message.encode()
    if len(raw) <= limit:
        return message
    return raw[: limit - 3].decode(errors="ignore") + "…"
