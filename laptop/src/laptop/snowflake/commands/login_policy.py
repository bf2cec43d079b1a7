"""Authentication policies of users and of the account: set, unset and shown."""

from __future__ import annotations

from laptop.snowflake import errors
from laptop.snowflake.commands.show import listed
from laptop.snowflake.engine import Engine
from laptop.snowflake.names import Kind
from laptop.snowflake.objects import Account, AuthenticationPolicy, User
from laptop.snowflake.results import Result, status
from laptop.snowflake.session import Session
from laptop.snowflake.sql.granting import ACCOUNT_NAME
from laptop.snowflake.sql.show_statements import ShowAuthenticationPolicies
from laptop.snowflake.sql.statements import SetAuthenticationPolicy


def set_authentication_policy(engine: Engine, session: Session, statement: SetAuthenticationPolicy) -> Result:
    """Set or unset the policy; one has to be unset before another is set."""
    if "ACCOUNTADMIN" not in engine.grants.effective(session.role):
        raise errors.insufficient_privileges("ACCOUNT", ACCOUNT_NAME.last)
    target: User | Account = _target(engine, statement)
    policy = statement.policy and session.resolve(
        statement.policy, Kind.AUTHENTICATION_POLICY, "SET AUTHENTICATION POLICY"
    )
    if policy is not None:
        engine.access.visible(session.role, AuthenticationPolicy, policy)
        if target.authentication_policy:
            text = f"Object {target.name.last} already has a AUTHENTICATION_POLICY. Only one is allowed at a time."
            raise errors.compilation_error(text, errno=3514, sqlstate="42601")
    engine.catalog.put(target.model_copy(update={"authentication_policy": policy}))
    return status("Statement executed successfully.")


def show_authentication_policies(
    engine: Engine, session: Session, statement: ShowAuthenticationPolicies
) -> Result:
    """List the policy of a user, or of the account."""
    named = _target(engine, statement).authentication_policy
    policy = engine.catalog.find(AuthenticationPolicy, named) if named else None
    return listed(engine, Kind.AUTHENTICATION_POLICY, [policy] if policy else [])


def _target(
    engine: Engine, statement: SetAuthenticationPolicy | ShowAuthenticationPolicies
) -> User | Account:
    if statement.user is None:
        return engine.catalog.get(Account, ACCOUNT_NAME)
    return engine.catalog.get(User, statement.user)
