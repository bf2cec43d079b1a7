"""DROP, with everything that is dropped along with the object."""

from __future__ import annotations

from laptop.snowflake import errors
from laptop.snowflake.engine import Engine
from laptop.snowflake.names import Kind
from laptop.snowflake.objects import (
    ENTITIES,
    Database,
    DynamicTable,
    Entity,
    Pipe,
    Role,
    Schema,
    StorageLifecyclePolicy,
    Table,
    User,
    Warehouse,
)
from laptop.snowflake.queries.error_table import require_error_table
from laptop.snowflake.results import Result, status
from laptop.snowflake.session import Session
from laptop.snowflake.sql.statements import Drop, TruncateErrorTable


def drop(engine: Engine, session: Session, statement: Drop) -> Result:
    """Drop an object the role owns."""
    name = session.resolve(statement.name, statement.kind, f"DROP {statement.kind}")
    entity_type = ENTITIES[statement.kind]
    found = engine.catalog.find(entity_type, name)
    if statement.if_exists and (found is None or not engine.access.sees(session.role, found)):
        return status(f"Drop statement executed successfully ({name.last} already dropped).")
    entity = engine.access.owned(session.role, entity_type, name)
    if isinstance(entity, User) and entity.name.last == session.user:
        raise errors.compilation_error(f"Cannot drop the current user '{session.user}'.")
    if isinstance(entity, StorageLifecyclePolicy) and entity.attached:
        raise errors.compilation_error(
            f"Policy '{entity.name}' is attached to a table, and cannot be dropped."
        )
    discard(engine, session, entity)
    if isinstance(entity, Database) and session.database == name.last:
        session.database = session.schema = None
    if isinstance(entity, Schema) and (session.database, session.schema) == name.parts:
        session.schema = None
    if isinstance(entity, Warehouse) and session.warehouse == name.last:
        session.warehouse = None
    return status(f"{name.last} successfully dropped.")


def truncate_error_table(engine: Engine, session: Session, statement: TruncateErrorTable) -> Result:
    """Remove the rows of an error table; which privilege others than the base table's owner need is not documented."""
    name = session.resolve(statement.name, Kind.TABLE, "TRUNCATE")
    if statement.if_exists and engine.catalog.find(Table, name) is None:
        return status("Statement executed successfully.")
    table = engine.access.owned(session.role, Table, name)
    require_error_table(table)
    engine.loader.error_tables.forget(table)
    return status("Statement executed successfully.")


def discard(engine: Engine, session: Session, entity: Entity) -> None:
    """Remove an object with its contents, grants, rows and load history."""
    if isinstance(entity, (Database, Schema)):
        for inner in engine.catalog.inside(entity.name):
            discard(engine, session, inner)
    elif isinstance(entity, Table):
        engine.tables.drop(entity)
        engine.loader.history.forget_table(entity)
        session.temporary.discard(entity.name)
        engine.loader.error_tables.forget(entity)
    elif isinstance(entity, DynamicTable):
        engine.tables.drop(entity)
    elif isinstance(entity, Pipe):
        engine.pipes.forget(entity)
        engine.loader.history.forget_pipe(entity)
    elif isinstance(entity, (Role, User)):
        engine.grants.forget_principal(entity.kind, entity.name.last)
    engine.catalog.remove(entity)
    engine.grants.forget_object(entity.id)
    engine.future_grants.forget(entity)
    if isinstance(entity, Role):
        _inherit(engine, entity.name.last, session.role)


def _inherit(engine: Engine, former: str, heir: str) -> None:
    """Transfer the objects of a dropped role to the role that dropped it."""
    for kind in Kind:
        for entity in engine.catalog.all(ENTITIES[kind]):
            if entity.owner == former:
                engine.catalog.put(entity.model_copy(update={"owner": heir}))
