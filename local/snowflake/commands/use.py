"""USE."""

from __future__ import annotations

from local.snowflake import errors
from local.snowflake.engine import Engine
from local.snowflake.names import Kind, Name
from local.snowflake.objects import Database, Role, Schema
from local.snowflake.results import Result, status
from local.snowflake.session import Session
from local.snowflake.sql.statements import Use


def use(engine: Engine, session: Session, statement: Use) -> Result:
    """Change the session's role, database or schema."""
    name = session.resolve(statement.name, statement.kind, "USE")
    if statement.kind is Kind.ROLE:
        engine.catalog.get(Role, name)
        if name.last not in engine.grants.roles_of_user(session.user):
            raise errors.role_not_assigned(name.last)
        session.role = name.last
    elif statement.kind is Kind.DATABASE:
        engine.access.visible(session.role, Database, name)
        public = engine.catalog.find(Schema, name.child("PUBLIC"))
        session.database, session.schema = name.last, "PUBLIC" if public else None
    else:
        engine.access.visible(session.role, Schema, name)
        session.database, session.schema = name.parts
    return status("Statement executed successfully.")


def enter_if_visible(engine: Engine, session: Session, database: str | None, schema: str | None) -> None:
    """Start in a database and schema if the role sees them; a login does not fail for want of them."""
    found = engine.catalog.find(Database, Name((database,))) if database else None
    if database is None or found is None or not engine.access.sees(session.role, found):
        return
    session.database = database
    inside = engine.catalog.find(Schema, Name((database, schema or "PUBLIC")))
    if inside is not None and engine.access.sees(session.role, inside):
        session.schema = inside.name.last
