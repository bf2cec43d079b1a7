"""Runs one statement for a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from laptop.snowflake.commands import (
    alter,
    alter_column,
    copy,
    create,
    create_dynamic_table,
    create_loading,
    create_view,
    describe,
    drop,
    grant,
    grant_inside,
    lifecycle_policy,
    login_policy,
    protect_view,
    set_parameters,
    show,
    use,
)
from laptop.snowflake.engine import Engine
from laptop.snowflake.queries.expiring import expire
from laptop.snowflake.queries.refreshing import operate, refresh_due
from laptop.snowflake.queries.run import run_query
from laptop.snowflake.results import Result, status
from laptop.snowflake.session import Session
from laptop.snowflake.sql import grant_statements as g
from laptop.snowflake.sql import policy_statements as policies
from laptop.snowflake.sql import show_statements as looks
from laptop.snowflake.sql import statements as s

Command = Callable[[Engine, Session, Any], Result]


def _end_transaction(engine: Engine, session: Session, statement: s.EndTransaction) -> Result:
    return status("Statement executed successfully.")


def _query(engine: Engine, session: Session, statement: s.Query) -> Result:
    refresh_due(engine)
    expire(engine)
    return run_query(engine, session, statement)


# A statement is atomic; shared state is checked and changed in one transaction.
_IN_A_TRANSACTION: dict[type[s.Statement], Command] = {
    s.Create: create.create,
    s.CreateTable: create_loading.create_table,
    s.CreatePipe: create_loading.create_pipe,
    s.CreateView: create_view.create_view,
    s.CreateDynamicTable: create_dynamic_table.create_dynamic_table,
    s.OperateDynamicTable: operate,
    s.Alter: alter.alter,
    s.ProtectView: protect_view.protect_view,
    policies.SetPolicyBody: lifecycle_policy.set_body,
    policies.AttachPolicy: lifecycle_policy.attach,
    policies.DetachPolicy: lifecycle_policy.detach,
    s.AddColumns: alter_column.add_columns,
    s.CommentColumn: alter_column.comment_column,
    s.RetypeColumn: alter_column.retype_column,
    s.AllowNulls: alter_column.allow_nulls,
    s.RenameColumn: alter_column.rename_column,
    s.Drop: drop.drop,
    s.TruncateErrorTable: drop.truncate_error_table,
    g.Privileges: grant.privileges,
    g.PrivilegesInside: grant_inside.privileges,
    g.Ownership: grant.ownership,
    g.Membership: grant.membership,
    s.SetParameters: set_parameters.set_parameters,
    s.SetAuthenticationPolicy: login_policy.set_authentication_policy,
}
# These only read, or commit file by file: they must not block others while they wait for the lake.
_BY_ITSELF: dict[type[s.Statement], Command] = {
    s.RefreshPipe: alter.refresh_pipe,
    looks.ShowParameters: set_parameters.show_parameters,
    s.Use: use.use,
    looks.Describe: describe.describe,
    looks.Show: show.show,
    looks.ShowColumns: describe.show_columns,
    looks.ShowKeys: describe.show_keys,
    looks.ShowGrants: grant.show_grants,
    looks.ShowFutureGrants: grant_inside.show_future_grants,
    looks.ShowAuthenticationPolicies: login_policy.show_authentication_policies,
    s.CopyInto: copy.copy_into,
    s.ListStage: copy.list_stage,
    s.EndTransaction: _end_transaction,
    s.Query: _query,
}


def execute(engine: Engine, session: Session, statement: s.Statement) -> Result:
    """Execute the statement.

    Raises:
        SnowflakeError: It is not allowed, or fails.
    """
    command = _IN_A_TRANSACTION.get(type(statement))
    if command is None:
        return _BY_ITSELF[type(statement)](engine, session, statement)
    with engine.store.transaction():
        return command(engine, session, statement)
