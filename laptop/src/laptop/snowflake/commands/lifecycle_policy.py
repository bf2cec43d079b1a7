"""Storage lifecycle policies: another body, and their tables.

Error numbers and texts of these statements are not documented; what is refused is.
https://docs.snowflake.com/en/user-guide/storage-management/storage-lifecycle-policies-create-manage
"""

from __future__ import annotations

from laptop.snowflake import errors
from laptop.snowflake.engine import Engine
from laptop.snowflake.names import Kind
from laptop.snowflake.objects import ENTITIES, DynamicTable, StorageLifecyclePolicy, Table
from laptop.snowflake.queries.expiring import condition, policy_on
from laptop.snowflake.results import Result, status
from laptop.snowflake.session import Session
from laptop.snowflake.sql.policy_statements import AttachPolicy, DetachPolicy, SetPolicyBody

_DONE = "Statement executed successfully."


def set_body(engine: Engine, session: Session, statement: SetPolicyBody) -> Result:
    """Give a policy another condition."""
    name = session.resolve(statement.name, statement.kind, "ALTER STORAGE LIFECYCLE POLICY")
    if statement.if_exists and engine.catalog.find(StorageLifecyclePolicy, name) is None:
        return status(_DONE)
    policy = engine.access.owned(session.role, StorageLifecyclePolicy, name)
    engine.catalog.put(policy.model_copy(update={"body": statement.body}))
    return status(_DONE)


def attach(engine: Engine, session: Session, statement: AttachPolicy) -> Result:
    """Attach a policy to a table that has none, with OWNERSHIP of the table, and of the policy or APPLY on it."""
    table = _owned_table(engine, session, statement)
    name = session.resolve(statement.policy, Kind.STORAGE_LIFECYCLE_POLICY, "ALTER TABLE")
    policy = engine.access.usable(session.role, ("APPLY",), StorageLifecyclePolicy, name)
    if other := policy_on(engine, table):
        raise errors.compilation_error(
            f"{table.kind.capitalize()} '{table.name.last}' already has storage lifecycle policy '{other.name}'."
        )
    known = {column.name for column in table.columns}
    for column in statement.columns:
        if column not in known:
            raise errors.invalid_identifier(column)
    if len(statement.columns) != len(policy.arguments):
        raise errors.compilation_error(f"Policy '{policy.name}' takes {len(policy.arguments)} columns.")
    attached = policy.model_copy(update={"attached": {**policy.attached, table.id: statement.columns}})
    condition(attached, table)  # a body that is no expression of its arguments is refused now
    engine.catalog.put(attached)
    return status(_DONE)


def detach(engine: Engine, session: Session, statement: DetachPolicy) -> Result:
    """Detach the table's policy."""
    table = _owned_table(engine, session, statement)
    policy = policy_on(engine, table)
    if policy is None:
        raise errors.compilation_error(
            f"{table.kind.capitalize()} '{table.name.last}' has no storage lifecycle policy."
        )
    rest = {each: columns for each, columns in policy.attached.items() if each != table.id}
    engine.catalog.put(policy.model_copy(update={"attached": rest}))
    return status(_DONE)


def _owned_table(
    engine: Engine, session: Session, statement: AttachPolicy | DetachPolicy
) -> Table | DynamicTable:
    name = session.resolve(statement.name, statement.kind, f"ALTER {statement.kind}")
    table = engine.access.owned(session.role, ENTITIES[statement.kind], name)
    if not isinstance(table, Table | DynamicTable):
        raise TypeError(table.kind)
    return table
