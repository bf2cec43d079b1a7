"""GRANT and REVOKE on all existing or all future objects of a kind in a schema or database.

https://docs.snowflake.com/en/sql-reference/sql/grant-privilege
"""

from __future__ import annotations

from laptop.snowflake import errors
from laptop.snowflake.commands.grant import chosen_privileges
from laptop.snowflake.commands.grant import privileges as grant_on_one
from laptop.snowflake.engine import Engine
from laptop.snowflake.future_grants import FutureGrant
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import ENTITIES, Entity, Role
from laptop.snowflake.results import TIMESTAMP_LTZ, Result, listing, status
from laptop.snowflake.session import Session
from laptop.snowflake.sql.grant_statements import Privileges, PrivilegesInside
from laptop.snowflake.sql.show_statements import ShowFutureGrants


def privileges(engine: Engine, session: Session, statement: PrivilegesInside) -> Result:
    """Grant or revoke on all existing objects, or on all future ones."""
    if statement.kind.depth != Kind.TABLE.depth:
        raise errors.unsupported(
            f"GRANT ON {statement.which} {statement.kind}S IN {statement.container_kind}"
        )
    if statement.which == "ALL" and statement.kind is Kind.PIPE:
        verb, direction = ("grant", "to") if statement.grant else ("revoke", "from")
        raise errors.compilation_error(
            f"Bulk {verb} on objects of type PIPE {direction} ROLE is restricted.", errno=3111
        )
    container = _container(engine, session, statement)
    engine.catalog.get(Role, Name((statement.role,)))
    if statement.which == "ALL":
        return _on_all(engine, session, statement, container)
    if not engine.access.may_globally(session.role, "MANAGE GRANTS"):
        raise errors.insufficient_privileges(container.kind, container.name.last)
    if statement.grant_option:
        raise errors.unsupported("GRANT ON FUTURE … WITH GRANT OPTION")
    change = engine.future_grants.give if statement.grant else engine.future_grants.take
    for privilege in chosen_privileges(statement.kind, statement.privileges):
        change(FutureGrant(privilege, statement.kind, container.id, statement.role), session.role)
    return status("Statement executed successfully.")


def show_future_grants(engine: Engine, session: Session, statement: ShowFutureGrants) -> Result:
    """List the future grants of a schema or database; the times at which they were given are not known here.

    https://docs.snowflake.com/en/sql-reference/sql/show-grants
    """
    name = session.resolve(statement.name, statement.kind, "SHOW FUTURE GRANTS")
    container = engine.access.visible(session.role, ENTITIES[statement.kind], name)
    rows = [
        (None, grant.privilege, kind := grant.kind.in_grants, f"{name}.<{kind}>", "ROLE", grant.role, "false")
        for grant, _ in engine.future_grants.inside(container)
    ]
    columns = ("privilege", "grant_on", "name", "grant_to", "grantee_name", "grant_option")
    return listing((("created_on", TIMESTAMP_LTZ), *columns), rows)


def _on_all(engine: Engine, session: Session, statement: PrivilegesInside, container: Entity) -> Result:
    chosen = chosen_privileges(statement.kind, statement.privileges)
    inside = [
        entity
        for entity in engine.catalog.inside(container.name)
        if entity.kind is statement.kind and entity.name.session in (0, session.id)
    ]
    for entity in inside:
        role, option = statement.role, statement.grant_option
        grant_on_one(
            engine, session, Privileges(statement.grant, chosen, statement.kind, entity.name, role, option)
        )
    return status(f"Statement executed successfully. {len(inside)} objects affected.")


def _container(engine: Engine, session: Session, statement: PrivilegesInside) -> Entity:
    kind = statement.container_kind
    full = session.resolve(statement.container, kind, "GRANT")
    if engine.access.may_globally(session.role, "MANAGE GRANTS"):
        return engine.catalog.get(ENTITIES[kind], full)
    return engine.access.visible(session.role, ENTITIES[kind], full)
