"""Rows that storage lifecycle policies delete.

Snowflake runs a policy within minutes of its attachment, then once a day. The stand-in runs all of them before each
query: rows that may be gone are gone. In a dynamic table, rows that its policy selects are frozen: refreshes neither
change nor add any.
https://docs.snowflake.com/en/user-guide/storage-management/storage-lifecycle-policies
https://docs.snowflake.com/en/user-guide/dynamic-tables/storage-lifecycle-policies
"""

from __future__ import annotations

import duckdb
from sqlglot import exp, parse_one
from sqlglot.errors import ParseError

from laptop.snowflake import errors
from laptop.snowflake.engine import Engine
from laptop.snowflake.names import Name
from laptop.snowflake.objects import DynamicTable, StorageLifecyclePolicy, Table
from laptop.snowflake.tables import physical

Expiring = Table | DynamicTable


def policy_on(engine: Engine, table: Expiring) -> StorageLifecyclePolicy | None:
    """The policy attached to a table."""
    policies = engine.catalog.all(StorageLifecyclePolicy)
    return next((policy for policy in policies if table.id in policy.attached), None)


def expire(engine: Engine) -> None:
    """Run all policies."""
    tables: list[Expiring] = [*engine.catalog.all(Table), *engine.catalog.all(DynamicTable)]
    for table in tables:
        if where := expired(engine, table):
            with engine.store.transaction():
                _run(engine, f"DELETE FROM {physical(table)} WHERE {where}")


def expired(engine: Engine, table: Expiring) -> str | None:
    """DuckDB's condition for rows that the table's policy selects; None if it has no policy."""
    policy = policy_on(engine, table)
    return condition(policy, table) if policy else None


def condition(policy: StorageLifecyclePolicy, table: Expiring) -> str:
    """The policy's body on the columns of a table, in DuckDB's dialect.

    Raises:
        SnowflakeError: it is no expression of its arguments.
    """
    columns = dict(zip(policy.arguments, policy.attached[table.id], strict=True))
    try:
        body = parse_one(policy.body, read="snowflake")
    except ParseError as error:
        raise errors.unsupported(f"the policy's body: {error}") from error
    for column in list(body.find_all(exp.Column)):
        name = column.name if column.this.args.get("quoted") else column.name.upper()
        if name not in columns:
            raise errors.invalid_identifier(name)
        column.replace(exp.column(exp.to_identifier(columns[name], quoted=True)))
    return f"coalesce({body.sql('duckdb')}, false)"


def policy_references(engine: Engine, role: str, table: Expiring) -> list[tuple[Name, tuple[str, ...]]]:
    """The policy of a table with its columns, if the role owns either."""
    policy = policy_on(engine, table)
    if policy is None or not (engine.access.owns(role, table) or engine.access.owns(role, policy)):
        return []
    return [(policy.name, policy.attached[table.id])]


def _run(engine: Engine, sql: str) -> None:
    try:
        engine.store.described_rows(sql, engine.access.timezone())
    except duckdb.Error as error:
        raise errors.unsupported(f"a policy's body: {error}") from error
