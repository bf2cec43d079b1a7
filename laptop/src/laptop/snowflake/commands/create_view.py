"""CREATE VIEW."""

from __future__ import annotations

from laptop.snowflake import errors
from laptop.snowflake.commands.create import create_with
from laptop.snowflake.engine import Engine
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import Column, Entity, View
from laptop.snowflake.queries.run import columns_of
from laptop.snowflake.results import Result
from laptop.snowflake.session import Session
from laptop.snowflake.sql.statements import CreateView


def create_view(engine: Engine, session: Session, statement: CreateView) -> Result:
    """Create a view over objects that its creator may read; COPY GRANTS keeps the grants of a replaced view."""

    def build(name: Name) -> Entity:
        columns = _columns(engine, session, name, statement)
        return View(
            name=name,
            owner=session.role,
            columns=columns,
            query=statement.query,
            text=statement.text,
            **statement.fields,
        )

    name = session.resolve(statement.name, Kind.VIEW, "CREATE VIEW")
    before = engine.catalog.find(View, name)
    kept = engine.grants.on(before.id) if before and statement.copy_grants else []
    result = create_with(engine, session, statement, build)
    for grant in kept:
        view = engine.catalog.get(View, name)
        engine.grants.give(
            grant.privilege, view.id, grant.role, grant.granted_by, grant_option=grant.grant_option
        )
    return result


def _columns(engine: Engine, session: Session, name: Name, statement: CreateView) -> tuple[Column, ...]:
    database, schema, _ = name.parts
    there = Session(session.id, session.user, session.role, database, schema)
    found = columns_of(engine, there, statement.query, view=name, named=not statement.columns)
    if not statement.columns:
        return tuple(Column(name=column.name, type=column.type) for column in found)
    if len(statement.columns) != len(found):
        raise errors.compilation_error(
            f"Invalid column definition list: {len(statement.columns)} names for {len(found)} columns",
            errno=2057,
            sqlstate="42601",
        )
    return tuple(
        Column(name=named.name, type=column.type, comment=named.comment)
        for named, column in zip(statement.columns, found, strict=True)
    )
