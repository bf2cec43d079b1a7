"""GRANT, REVOKE and SHOW GRANTS."""

from __future__ import annotations

from laptop.snowflake import errors
from laptop.snowflake.engine import Engine
from laptop.snowflake.grants import GRANTED_BY_ACCOUNTADMIN, PRIVILEGES
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import ENTITIES, Entity, Role, Schema, User
from laptop.snowflake.results import TIMESTAMP_LTZ, Result, listing, status
from laptop.snowflake.session import Session
from laptop.snowflake.sql.grant_statements import Membership, Ownership, Privileges
from laptop.snowflake.sql.show_statements import ShowGrants

_DONE = "Statement executed successfully."
_COLUMNS = (
    ("created_on", TIMESTAMP_LTZ),
    "privilege",
    "granted_on",
    "name",
    "granted_to",
    "grantee_name",
    "grant_option",
    "granted_by",
)


def privileges(engine: Engine, session: Session, statement: Privileges) -> Result:
    """Grant or revoke privileges on an object."""
    chosen = chosen_privileges(statement.kind, statement.privileges)
    entity = _grantable(engine, session, statement.kind, statement.name, chosen)
    engine.catalog.get(Role, Name((statement.role,)))
    if statement.grant:
        _check_reserved(engine, session, entity, chosen)
    for privilege in chosen:
        if statement.grant:
            engine.grants.give(
                privilege, entity.id, statement.role, session.role, grant_option=statement.grant_option
            )
        else:
            engine.grants.take(privilege, entity.id, statement.role)
    engine.pipes.resume()
    return status(_DONE)


def chosen_privileges(kind: Kind, named: tuple[str, ...]) -> tuple[str, ...]:
    """The privileges that a grant names, or all privileges of the kind if it names none.

    Raises:
        SnowflakeError: there is no such privilege on that kind.
    """
    known = PRIVILEGES.get(kind, ())
    for privilege in named:
        if privilege not in known:
            text = f"invalid privilege '{privilege}' for a {kind.lower()}; it has: {', '.join(known)}"
            raise errors.compilation_error(text, errno=3008, sqlstate="42601")
    return named or known


def ownership(engine: Engine, session: Session, statement: Ownership) -> Result:
    """Transfer the ownership of an object to another role."""
    entity = _grantable(engine, session, statement.kind, statement.name)
    engine.catalog.get(Role, Name((statement.role,)))
    held = [grant for grant in engine.grants.on(entity.id) if grant.role != entity.owner]
    if held and not statement.copy_grants:
        text = f"Dependent grant of privilege '{held[0].privilege}' on '{entity.name}' to role '{held[0].role}' exists."
        raise errors.SnowflakeError(f"{errors.ACCESS}{text}", errno=3036, sqlstate="42501")
    engine.catalog.put(entity.model_copy(update={"owner": statement.role}))
    return status(_DONE)


def membership(engine: Engine, session: Session, statement: Membership) -> Result:
    """Grant a role to a user or role, or revoke it."""
    role = engine.catalog.get(Role, Name((statement.role,)))
    _may_grant(engine, session, role)
    member_type = ENTITIES[statement.member_kind]
    engine.catalog.get(member_type, Name((statement.member,)))
    if not statement.grant:
        engine.grants.leave(statement.role, statement.member_kind, statement.member)
        return status(_DONE)
    if statement.member_kind is Kind.ROLE and statement.member in engine.grants.effective(statement.role):
        text = f"Grant of role '{statement.role}' to role '{statement.member}' would make a cycle."
        raise errors.compilation_error(text, errno=3030, sqlstate="42601")
    engine.grants.join(statement.role, statement.member_kind, statement.member, session.role)
    return status(_DONE)


def show_grants(engine: Engine, session: Session, statement: ShowGrants) -> Result:
    """List grants on an object, to a role or user, or of a role."""
    if statement.direction == "OF":
        return _grants_of(engine, statement.name.last)
    if statement.direction == "TO" and statement.kind is Kind.USER:
        return _roles_of_user(engine, statement.name.last)
    if statement.direction == "TO":
        return _grants_to(engine, statement.name.last)
    name = session.resolve(statement.name, statement.kind, "SHOW GRANTS")
    entity = engine.access.visible(session.role, ENTITIES[statement.kind], name)
    return listing(_COLUMNS, _rows_on(engine, entity))


def _rows_on(engine: Engine, entity: Entity) -> list[tuple[object, ...]]:
    kind, name = entity.kind.in_grants, str(entity.name)
    rows: list[tuple[object, ...]] = []
    if entity.owner:
        rows.append((entity.created_on, "OWNERSHIP", kind, name, "ROLE", entity.owner, "true", entity.owner))
    for g in engine.grants.on(entity.id):
        option = str(g.grant_option).lower()
        rows.append((g.created_on, g.privilege, kind, name, "ROLE", g.role, option, g.granted_by))
    return rows


def _grants_to(engine: Engine, role: str) -> Result:
    engine.catalog.get(Role, Name((role,)))
    rows: list[tuple[object, ...]] = []
    for kind in Kind:
        for entity in engine.catalog.all(ENTITIES[kind]):
            rows += [row for row in _rows_on(engine, entity) if row[5] == role]
    for m in engine.grants.memberships(Kind.ROLE, role):
        rows.append((m.created_on, "USAGE", "ROLE", m.role, "ROLE", role, "false", m.granted_by))
    return listing(_COLUMNS, rows)


def _roles_of_user(engine: Engine, user: str) -> Result:
    engine.catalog.get(User, Name((user,)))
    memberships = engine.grants.memberships(Kind.USER, user)
    rows = [(m.created_on, m.role, "USER", user, m.granted_by) for m in memberships]
    return listing((("created_on", TIMESTAMP_LTZ), "role", "granted_to", "grantee_name", "granted_by"), rows)


def _grants_of(engine: Engine, role: str) -> Result:
    engine.catalog.get(Role, Name((role,)))
    rows = [
        (m.created_on, role, m.member_kind.value, m.member, m.granted_by) for m in engine.grants.members(role)
    ]
    return listing((("created_on", TIMESTAMP_LTZ), "role", "granted_to", "grantee_name", "granted_by"), rows)


def _grantable(
    engine: Engine, session: Session, kind: Kind, name: Name, privileges: tuple[str, ...] = ()
) -> Entity:
    """The object, if the role may grant on it: by MANAGE GRANTS, as its owner, or by grant option.

    In a schema with managed access: by MANAGE GRANTS, or as the schema's owner.
    https://docs.snowflake.com/en/user-guide/security-access-control-configure#label-managed-access-schemas
    """
    full = session.resolve(name, kind, "GRANT")
    entity_type = ENTITIES[kind]
    if engine.access.may_globally(session.role, "MANAGE GRANTS"):
        return engine.catalog.get(entity_type, full)
    entity = engine.access.visible(session.role, entity_type, full)
    schema = engine.catalog.find(Schema, Name(full.parts[:2])) if kind.depth == Kind.TABLE.depth else None
    if schema and schema.managed_access:
        engine.access.owned(session.role, Schema, schema.name)
        return entity
    roles = engine.grants.effective(session.role)
    if privileges and all(engine.grants.may_pass_on(roles, p, entity.id) for p in privileges):
        return entity
    return engine.access.owned(session.role, entity_type, full)


def _check_reserved(engine: Engine, session: Session, entity: Entity, privileges: tuple[str, ...]) -> None:
    """Check that some privileges on the account are granted by ACCOUNTADMIN, or with grant option."""
    roles = engine.grants.effective(session.role)
    if entity.kind is not Kind.ACCOUNT or "ACCOUNTADMIN" in roles:
        return
    reserved = GRANTED_BY_ACCOUNTADMIN.intersection(privileges)
    if not all(engine.grants.may_pass_on(roles, privilege, entity.id) for privilege in reserved):
        raise errors.grant_not_executed()


def _may_grant(engine: Engine, session: Session, role: Role) -> None:
    manages = engine.access.may_globally(session.role, "MANAGE GRANTS")
    if not manages and not engine.access.owns(session.role, role):
        raise errors.insufficient_privileges("ROLE", role.name.last)
