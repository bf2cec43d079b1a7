"""The table function LOGIN_HISTORY_BY_USER.

https://docs.snowflake.com/en/sql-reference/functions/login_history
"""

from __future__ import annotations

from sqlglot import exp, parse_one

from laptop.snowflake import errors
from laptop.snowflake.engine import Engine
from laptop.snowflake.login_history import Login
from laptop.snowflake.names import Name, literal
from laptop.snowflake.objects import User
from laptop.snowflake.session import Session

_DEFAULT_ROWS = 100
_COLUMNS = (
    "EVENT_TIMESTAMP, EVENT_TYPE, USER_NAME, CLIENT_IP, FIRST_AUTHENTICATION_FACTOR, IS_SUCCESS, ERROR_CODE, "
    "ERROR_MESSAGE"
)


def login_history(engine: Engine, session: Session, arguments: dict[str, exp.Expr]) -> exp.Select:
    """The newest logins of a user: of one's own, of all as ACCOUNTADMIN, or of those that the role owns.

    Raises:
        SnowflakeError: An argument is unknown, or there is no such user.
    """
    if unknown := arguments.keys() - {"USER_NAME", "RESULT_LIMIT"}:
        raise errors.unsupported(f"LOGIN_HISTORY_BY_USER with {', '.join(sorted(unknown))}")
    asked, most = arguments.get("USER_NAME"), arguments.get("RESULT_LIMIT")
    name = asked.name if asked is not None else session.user
    user = engine.catalog.get(User, Name((name,)))
    seen = name == session.user or engine.access.owns(session.role, user)
    if not (seen or "ACCOUNTADMIN" in engine.grants.effective(session.role)):
        raise errors.insufficient_privileges("USER", name)
    logins = engine.logins.of(user.login_name, int(most.name) if most is not None else _DEFAULT_ROWS)
    placeholder = [Login("")]
    rows = ", ".join(map(_row, logins or placeholder))
    select = parse_one(
        f"SELECT * FROM (VALUES {rows}) AS T({_COLUMNS}) WHERE {'TRUE' if logins else 'FALSE'}",
        read="snowflake",
    )
    if not isinstance(select, exp.Select):
        raise TypeError(type(select))
    return select


def _row(login: Login) -> str:
    succeeded = login.error_code is None
    code = "CAST(NULL AS NUMBER)" if succeeded else str(login.error_code)
    message = "CAST(NULL AS VARCHAR)" if login.error_message is None else literal(login.error_message)
    return (
        f"({literal(login.at.isoformat())}::TIMESTAMP_LTZ, 'LOGIN', {literal(login.user)}, '127.0.0.1', 'RSA_KEYPAIR', "
        f"'{'YES' if succeeded else 'NO'}', {code}, {message})"
    )
