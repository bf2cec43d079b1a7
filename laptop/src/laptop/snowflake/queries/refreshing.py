"""Refreshes of dynamic tables: their rows become those of the query at that time.

Snowflake guarantees that result, whichever refresh mode it uses, so the stand-in computes all rows again. It refreshes
on demand, and when a query comes and the rows are as old as TARGET_LAG allows, never sooner: Snowflake may be as late.
https://docs.snowflake.com/en/user-guide/dynamic-tables/target-lag
"""

from __future__ import annotations

import time

from sqlglot import exp

from laptop.snowflake.commands.use import bill_warehouse
from laptop.snowflake.engine import Engine
from laptop.snowflake.names import Kind
from laptop.snowflake.objects import DynamicTable, now
from laptop.snowflake.queries.reading import parse_query
from laptop.snowflake.queries.run import fill
from laptop.snowflake.queries.sources import named_tables
from laptop.snowflake.results import Result, status
from laptop.snowflake.session import Session
from laptop.snowflake.sql.statements import OperateDynamicTable


def refresh_due(engine: Engine) -> None:
    """Refresh the dynamic tables whose rows are as old as they may be."""
    due = [table for table in engine.catalog.all(DynamicTable) if table.is_due()]
    if due:
        with engine.store.transaction():
            for table in due:
                refresh(engine, table)


def refresh(engine: Engine, table: DynamicTable) -> None:
    """Refresh a dynamic table and those it reads, with the rights of its owner."""
    database, schema, _ = table.name.parts
    owner = Session(0, "SYSTEM", table.owner, database, schema, table.warehouse)
    query = parse_query(table.query)
    for _, name in named_tables(owner, query):
        if source := engine.catalog.find(DynamicTable, name):
            refresh(engine, source)
    if not isinstance(query, exp.Query):
        raise TypeError(type(query))
    started = time.monotonic()
    fill(engine, owner, table, query)
    owner.on_warehouse = True
    bill_warehouse(engine, owner, time.monotonic() - started)
    engine.catalog.put(table.model_copy(update={"refreshed_on": now()}))


def operate(engine: Engine, session: Session, statement: OperateDynamicTable) -> Result:
    """ALTER DYNAMIC TABLE … REFRESH, SUSPEND or RESUME."""
    name = session.resolve(statement.name, Kind.DYNAMIC_TABLE, "ALTER DYNAMIC TABLE")
    table = engine.access.usable(session.role, ("OPERATE",), DynamicTable, name)
    if statement.action == "REFRESH":
        refresh(engine, table)
    else:
        engine.catalog.put(table.model_copy(update={"suspended": statement.action == "SUSPEND"}))
    return status("Statement executed successfully.")
