"""CREATE DYNAMIC TABLE."""

from __future__ import annotations

from sqlglot import exp

from laptop.snowflake import errors
from laptop.snowflake.commands.create import create_with
from laptop.snowflake.engine import Engine
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import Column, DynamicTable, Entity, Warehouse
from laptop.snowflake.queries.incremental import require_incremental
from laptop.snowflake.queries.reading import parse_query
from laptop.snowflake.queries.refreshing import refresh
from laptop.snowflake.queries.run import columns_of
from laptop.snowflake.results import Result
from laptop.snowflake.session import Session
from laptop.snowflake.sql.statements import CreateDynamicTable


def create_dynamic_table(engine: Engine, session: Session, statement: CreateDynamicTable) -> Result:
    """Create a dynamic table and refresh it; COPY GRANTS keeps the grants of a replaced one.

    Its role needs the privilege to create it, USAGE on its warehouse, and SELECT on what it reads.
    https://docs.snowflake.com/en/user-guide/dynamic-tables/privileges
    """
    for field, option in (("target_lag", "TARGET_LAG"), ("warehouse", "WAREHOUSE")):
        if field not in statement.fields:
            raise errors.missing_property(option)
    engine.access.usable(session.role, ("USAGE",), Warehouse, Name((statement.fields["warehouse"],)))
    query = parse_query(statement.query)
    if not isinstance(query, exp.Query):
        raise errors.unsupported(f"{query.key.upper()} as a dynamic table")
    require_incremental(query)

    def build(name: Name) -> Entity:
        database, schema, _ = name.parts
        there = Session(session.id, session.user, session.role, database, schema)
        found = columns_of(engine, there, statement.query, view=name, named=True)
        table = DynamicTable(
            name=name,
            owner=session.role,
            columns=tuple(Column(name=column.name, type=column.type) for column in found),
            query=statement.query,
            text=statement.text,
            cluster_by=statement.cluster_by,
            **statement.fields,
        )
        engine.tables.create(table)
        return table

    name = session.resolve(statement.name, Kind.DYNAMIC_TABLE, "CREATE DYNAMIC TABLE")
    before = engine.catalog.find(DynamicTable, name)
    kept = engine.grants.on(before.id) if before and statement.copy_grants else []
    result = create_with(engine, session, statement, build)
    made = engine.catalog.get(DynamicTable, name)
    if before is None or made.id != before.id:
        refresh(engine, made)
    for grant in kept:
        engine.grants.give(
            grant.privilege, made.id, grant.role, grant.granted_by, grant_option=grant.grant_option
        )
    return result
