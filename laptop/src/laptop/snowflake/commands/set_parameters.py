"""ALTER ACCOUNT, ALTER SESSION and SHOW PARAMETERS."""

from __future__ import annotations

from laptop.snowflake import errors
from laptop.snowflake.engine import Engine
from laptop.snowflake.login_policies import require_own_address
from laptop.snowflake.names import like_matches
from laptop.snowflake.objects import Account, Setting, User
from laptop.snowflake.parameters import NETWORK_POLICY, PARAMETERS, checked, setting
from laptop.snowflake.results import Result, listing, status
from laptop.snowflake.session import Session
from laptop.snowflake.sql.granting import ACCOUNT_NAME
from laptop.snowflake.sql.show_statements import ShowParameters
from laptop.snowflake.sql.statements import SetParameters

_DONE = "Statement executed successfully."


def set_parameters(engine: Engine, session: Session, statement: SetParameters) -> Result:
    """Set parameters of the session, or as ACCOUNTADMIN of the account."""
    if statement.scope == "SESSION":
        session.parameters = _changed(session.parameters, statement)
        return status(_DONE)
    if "ACCOUNTADMIN" not in engine.grants.effective(session.role):
        raise errors.insufficient_privileges("ACCOUNT", ACCOUNT_NAME.last)
    account = engine.catalog.get(Account, ACCOUNT_NAME)
    if policy := statement.given.get(NETWORK_POLICY):
        require_own_address(engine.catalog, str(policy))
    engine.catalog.put(account.model_copy(update={"parameters": _changed(account.parameters, statement)}))
    engine.pipes.resume()
    return status(_DONE)


def _changed(there: dict[str, Setting], statement: SetParameters) -> dict[str, Setting]:
    given = {name: checked(name, value, statement.scope) for name, value in statement.given.items()}
    return {name: value for name, value in (there | given).items() if name not in statement.unset}


def show_parameters(engine: Engine, session: Session, statement: ShowParameters) -> Result:
    """List parameters with their values and where they are set."""
    account = engine.catalog.get(Account, ACCOUNT_NAME)
    user = engine.catalog.get(User, statement.user) if statement.user else None
    asked = session if statement.scope == "SESSION" else None
    rows = []
    for name, parameter in PARAMETERS.items():
        if statement.like is None or like_matches(statement.like, name):
            level = "ACCOUNT" if name in account.parameters else ""
            level = "SESSION" if asked and name in asked.parameters else level
            value = setting(engine.catalog, name, asked)
            if user and name == NETWORK_POLICY and user.network_policy:
                value, level = user.network_policy, "USER"
            rows.append((name, _shown(value), _shown(parameter.default), level, "", _kind(value)))
    return listing(("key", "value", "default", "level", "description", "type"), rows)


def _shown(value: Setting) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _kind(value: Setting) -> str:
    return {bool: "BOOLEAN", int: "NUMBER", str: "STRING"}[type(value)]
