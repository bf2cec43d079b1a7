"""Parameters of the account and of sessions, as far as the stand-in knows them.

https://docs.snowflake.com/en/sql-reference/parameters
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from laptop.snowflake import errors
from laptop.snowflake.catalog import Catalog
from laptop.snowflake.objects import DEFAULT_TIMEZONE, Account, Setting
from laptop.snowflake.session import Session
from laptop.snowflake.sql.granting import ACCOUNT_NAME

Scope = Literal["ACCOUNT", "SESSION"]


@dataclass(frozen=True)
class Parameter:
    """A parameter with Snowflake's default.

    Attributes:
        scopes: where it can be set.
    """

    default: Setting
    scopes: tuple[Scope, ...] = ("ACCOUNT", "SESSION")


AUTOCOMMIT = "AUTOCOMMIT"
FOLD_QUOTED = "QUOTED_IDENTIFIERS_IGNORE_CASE"
INTEGRATION_TO_CREATE = "REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_CREATION"
INTEGRATION_TO_LOAD = "REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_OPERATION"
NETWORK_POLICY = "NETWORK_POLICY"
TIMEZONE = "TIMEZONE"
STATEMENT_TIMEOUT = "STATEMENT_TIMEOUT_IN_SECONDS"
PARAMETERS = {
    AUTOCOMMIT: Parameter(True, ("SESSION",)),
    FOLD_QUOTED: Parameter(False),
    NETWORK_POLICY: Parameter("", ("ACCOUNT",)),
    "QUERY_TAG": Parameter("", ("SESSION",)),
    INTEGRATION_TO_CREATE: Parameter(False, ("ACCOUNT",)),
    INTEGRATION_TO_LOAD: Parameter(False, ("ACCOUNT",)),
    "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS": Parameter(0),  # nothing queues here
    STATEMENT_TIMEOUT: Parameter(172_800),
    TIMEZONE: Parameter(DEFAULT_TIMEZONE),
}


def setting(catalog: Catalog, name: str, session: Session | None = None) -> Setting:
    """The value of a parameter: the session's, else the account's, else the default."""
    account = catalog.get(Account, ACCOUNT_NAME)
    of_session = session.parameters if session else {}
    return of_session.get(name, account.parameters.get(name, PARAMETERS[name].default))


def timezone(catalog: Catalog, session: Session | None = None) -> str:
    """The time zone of a session; without one the account's, in which a pipe reads times without an offset."""
    return str(setting(catalog, TIMEZONE, session))


def checked(name: str, value: object, scope: Scope) -> Setting:
    """The value, in the parameter's type.

    Raises:
        SnowflakeError: The value is wrong, or the stand-in does not know the parameter.
    """
    parameter = PARAMETERS.get(name)
    if parameter is None or scope not in parameter.scopes:
        raise errors.unsupported(f"{scope.lower()} parameter {name} = {value}")
    found = _typed(name, str(value), parameter.default)
    if name == TIMEZONE:
        _check_timezone(str(found))
    return found


def _check_timezone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise errors.invalid_value(name, TIMEZONE) from None


def require_autocommit(catalog: Catalog, session: Session, change: str) -> None:
    """Refuse to change rows in a session that would want to roll the change back.

    Raises:
        SnowflakeError: AUTOCOMMIT is FALSE.
    """
    if not setting(catalog, AUTOCOMMIT, session):
        raise errors.unsupported(
            f"{change} while AUTOCOMMIT is FALSE: it has no transactions, so set AUTOCOMMIT = TRUE"
        )


def _typed(name: str, text: str, default: Setting) -> Setting:
    if isinstance(default, bool) and text.upper() in ("TRUE", "FALSE"):
        return text.upper() == "TRUE"
    if isinstance(default, int) and not isinstance(default, bool) and text.isdecimal():
        return int(text)
    if isinstance(default, str):
        return text
    raise errors.invalid_value(text, name)
