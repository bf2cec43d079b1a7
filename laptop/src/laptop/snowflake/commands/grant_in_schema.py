"""GRANT and REVOKE on all objects of a kind in a schema: those there are, or those to come.

https://docs.snowflake.com/en/sql-reference/sql/grant-privilege
"""

from __future__ import annotations

from laptop.snowflake import errors
from laptop.snowflake.commands.grant import chosen_privileges
from laptop.snowflake.commands.grant import privileges as grant_on_one
from laptop.snowflake.engine import Engine
from laptop.snowflake.future_grants import FutureGrant, future_grant
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import ENTITIES, Role, Schema
from laptop.snowflake.results import TIMESTAMP_LTZ, Result, listing, status
from laptop.snowflake.session import Session
from laptop.snowflake.sql.statements import Privileges, SchemaPrivileges, ShowFutureGrants

_COLUMNS = (
    ("created_on", TIMESTAMP_LTZ),
    "privilege",
    "grant_on",
    "name",
    "grant_to",
    "grantee_name",
    "grant_option",
)


def privileges(engine: Engine, session: Session, statement: SchemaPrivileges) -> Result:
    """Grant or revoke on each object there is, or on each that will be created."""
    if statement.kind.depth != Kind.TABLE.depth:
        raise errors.unsupported(f"GRANT ON {statement.which} {statement.kind}S IN SCHEMA")
    if statement.which == "ALL" and statement.kind is Kind.PIPE:
        verb, direction = ("grant", "to") if statement.grant else ("revoke", "from")
        raise errors.compilation_error(
            f"Bulk {verb} on objects of type PIPE {direction} ROLE is restricted.", errno=3111
        )
    schema = _schema(engine, session, statement.schema)
    engine.catalog.get(Role, Name((statement.role,)))
    if statement.which == "ALL":
        return _on_all(engine, session, statement, schema)
    if not engine.access.may_globally(session.role, "MANAGE GRANTS"):
        raise errors.insufficient_privileges(Kind.SCHEMA, schema.name.last)
    for privilege in chosen_privileges(statement.kind, statement.privileges):
        future = future_grant(
            privilege,
            statement.kind,
            schema,
            statement.role,
            granted_by=session.role,
            grant_option=statement.grant_option,
        )
        if statement.grant:
            engine.future_grants.give(future)
        else:
            engine.future_grants.take(future)
    return status("Statement executed successfully.")


def show_future_grants(engine: Engine, session: Session, statement: ShowFutureGrants) -> Result:
    """List what will be granted in a schema, or to a role."""
    if statement.kind is Kind.SCHEMA:
        found = engine.future_grants.on(_schema(engine, session, statement.name))
    else:
        role = engine.catalog.get(Role, Name(statement.name.parts[-1:]))
        found = engine.future_grants.to_role(role.name.last)
    return listing(_COLUMNS, [_row(engine, grant) for grant in found])


def _on_all(engine: Engine, session: Session, statement: SchemaPrivileges, schema: Schema) -> Result:
    chosen = chosen_privileges(statement.kind, statement.privileges)
    done = 0
    for entity in engine.catalog.all(ENTITIES[statement.kind]):
        if entity.name.parent == schema.name:
            role, option = statement.role, statement.grant_option
            one = Privileges(statement.grant, chosen, statement.kind, entity.name, role, option)
            grant_on_one(engine, session, one)
            done += 1
    return status(f"Statement executed successfully. {done} objects affected.")


def _schema(engine: Engine, session: Session, name: Name) -> Schema:
    full = session.resolve(name, Kind.SCHEMA, "GRANT")
    if engine.access.may_globally(session.role, "MANAGE GRANTS"):
        return engine.catalog.get(Schema, full)
    return engine.access.visible(session.role, Schema, full)


def _row(engine: Engine, grant: FutureGrant) -> tuple[object, ...]:
    schema = engine.catalog.by_id(Schema, grant.schema_id)
    name = f"{schema.name if schema else ''}.<{grant.kind.in_grants}>"
    option = str(grant.grant_option).lower()
    return grant.created_on, grant.privilege, grant.kind.in_grants, name, "ROLE", grant.role, option
