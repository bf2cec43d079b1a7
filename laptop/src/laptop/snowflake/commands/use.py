"""USE."""

from __future__ import annotations

from laptop.snowflake import errors
from laptop.snowflake.engine import Engine
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import Database, Role, Schema, Warehouse
from laptop.snowflake.results import Result, status
from laptop.snowflake.session import Session
from laptop.snowflake.sql.statements import Use


def use(engine: Engine, session: Session, statement: Use) -> Result:
    """Change the session's role, warehouse, database or schema."""
    name = session.resolve(statement.name, statement.kind, "USE")
    if statement.kind is Kind.ROLE:
        engine.catalog.get(Role, name)
        if name.last not in engine.grants.roles_of_user(session.user):
            raise errors.role_not_assigned(name.last)
        session.role = name.last
    elif statement.kind is Kind.WAREHOUSE:
        if not _may_run_on(engine, session, name.last):
            raise errors.unusable("Object")
        session.warehouse = name.last
    elif statement.kind is Kind.DATABASE:
        engine.access.visible(session.role, Database, name)
        public = engine.catalog.find(Schema, name.child("PUBLIC"))
        session.database, session.schema = name.last, "PUBLIC" if public else None
    else:
        engine.access.visible(session.role, Schema, name)
        session.database, session.schema = name.parts
    return status("Statement executed successfully.")


def enter_if_visible(engine: Engine, session: Session, database: str | None, schema: str | None) -> None:
    """Start in a database and schema if the role sees them; a login succeeds without them."""
    found = engine.catalog.find(Database, Name((database,))) if database else None
    if database is None or found is None or not engine.access.sees(session.role, found):
        return
    session.database = database
    inside = engine.catalog.find(Schema, Name((database, schema or "PUBLIC")))
    if inside is not None and engine.access.sees(session.role, inside):
        session.schema = inside.name.last


def take_warehouse_if_usable(engine: Engine, session: Session, warehouse: str | None) -> None:
    """Start with a warehouse if the role may use it; a login succeeds without one."""
    if warehouse and _may_run_on(engine, session, warehouse):
        session.warehouse = warehouse


def require_warehouse(engine: Engine, session: Session) -> None:
    """Check that a statement which reads rows has a warehouse.

    Raises:
        SnowflakeError: the session has no warehouse, or its role may not use it.
    """
    if session.warehouse is None or not _may_run_on(engine, session, session.warehouse):
        raise errors.no_warehouse()
    session.on_warehouse = True


def bill_warehouse(engine: Engine, session: Session, seconds: float) -> None:
    """Bill the session's warehouse for a statement of that duration, if it ran there."""
    used, session.on_warehouse = session.on_warehouse, False
    found = engine.catalog.find(Warehouse, Name((session.warehouse or "",))) if used else None
    if found is not None:
        engine.meter.used(found.name.last, session.user, seconds=seconds, auto_suspend=found.auto_suspend)


def _may_run_on(engine: Engine, session: Session, warehouse: str) -> bool:
    found = engine.catalog.find(Warehouse, Name((warehouse,)))
    return found is not None and engine.access.has(session.role, "USAGE", found)
