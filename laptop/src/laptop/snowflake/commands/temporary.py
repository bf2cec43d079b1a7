"""Temporary tables: each is seen by one session only, and is dropped with it.

https://docs.snowflake.com/en/user-guide/tables-temp-transient
"""

from __future__ import annotations

from collections.abc import Callable

from laptop.snowflake import errors
from laptop.snowflake.commands.drop import discard
from laptop.snowflake.engine import Engine
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import Schema, Table
from laptop.snowflake.results import Result, status
from laptop.snowflake.session import Session
from laptop.snowflake.sql.statements import CreateTable


def create_temporary(
    engine: Engine, session: Session, statement: CreateTable, build: Callable[[Name], Table]
) -> Result:
    """Create a temporary table, which does not need CREATE TABLE on the schema.

    One that hides a table needs the ownership of that table.
    https://docs.snowflake.com/en/sql-reference/sql/create-table#access-control-requirements
    """
    name = session.own(session.resolve(statement.name, Kind.TABLE, "CREATE TABLE"))
    engine.access.visible(session.role, Schema, name.parent)
    hides = engine.catalog.find(Table, Name(name.parts))
    if hides and not engine.access.owns(session.role, hides):
        raise errors.insufficient_privileges(Kind.TABLE, name.last)
    existing = engine.catalog.find(Table, name)
    if existing and not statement.or_replace:
        if statement.if_not_exists:
            return status(f"{name.last} already exists, statement succeeded.")
        raise errors.already_exists(name)
    table = build(name)
    if existing:
        discard(engine, session, existing)
    engine.catalog.put(table)
    session.temporary.add(name)
    return status(f"Table {name.last} successfully created.")


def drop_temporary(engine: Engine, session: Session) -> None:
    """Drop the temporary tables of a session that ends."""
    with engine.store.transaction():
        for name in list(session.temporary):
            discard(engine, session, engine.catalog.get(Table, name))


def drop_leftovers(engine: Engine) -> None:
    """Drop the temporary tables of sessions that ended with the stand-in."""
    with engine.store.transaction():
        for table in engine.catalog.all(Table):
            if table.name.session:
                discard(engine, Session(table.name.session, "", ""), table)
