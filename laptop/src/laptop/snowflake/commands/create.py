"""CREATE of all objects except tables, pipes and views."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from laptop.snowflake import errors
from laptop.snowflake.commands.drop import discard
from laptop.snowflake.engine import Engine
from laptop.snowflake.loading.model import location
from laptop.snowflake.login import check_public_key
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import (
    ENTITIES,
    AuthenticationPolicy,
    Database,
    Entity,
    FileFormat,
    Integration,
    NetworkPolicy,
    Role,
    Schema,
    Stage,
    StorageLifecyclePolicy,
    User,
    Warehouse,
)
from laptop.snowflake.parameters import INTEGRATION_TO_CREATE, setting
from laptop.snowflake.results import Result, status
from laptop.snowflake.session import Session
from laptop.snowflake.sql.properties import json_format
from laptop.snowflake.sql.statements import Create

_LIKE_TABLES = (Kind.TABLE, Kind.VIEW, Kind.DYNAMIC_TABLE)
_LABELS = {Kind.STAGE: "Stage area", Kind.FILE_FORMAT: "File format", Kind.INTEGRATION: "Integration"}
_GLOBALLY = {
    Kind.DATABASE: ("CREATE DATABASE",),
    Kind.ROLE: ("CREATE ROLE",),
    Kind.USER: ("CREATE USER",),
    Kind.WAREHOUSE: ("CREATE WAREHOUSE",),
    Kind.NETWORK_POLICY: ("CREATE NETWORK POLICY",),
    Kind.INTEGRATION: ("CREATE INTEGRATION", "CREATE STORAGE INTEGRATION"),
}


def create(engine: Engine, session: Session, statement: Create) -> Result:
    """Create an object that consists of its fields only."""

    def build(name: Name) -> Entity:
        return _BUILDERS[statement.kind](engine, session, name, statement.fields)

    return create_with(engine, session, statement, build)


def create_with(
    engine: Engine, session: Session, statement: Create, build: Callable[[Name], Entity]
) -> Result:
    """Check the privilege to create, handle an existing object, then store the result of `build`."""
    name = session.resolve(statement.name, statement.kind, f"CREATE {statement.kind}")
    _may_create(engine, session, statement.kind, name)
    existing = _existing(engine, statement.kind, name)
    if existing is not None and not statement.or_replace:
        if statement.if_not_exists:
            return status(f"{name.last} already exists, statement succeeded.")
        raise errors.already_exists(name)
    if existing is not None and not engine.access.owns(session.role, existing):
        raise errors.insufficient_privileges(existing.kind, existing.name.last)
    if existing is not None and existing.kind is not statement.kind:
        text = f"Object '{name}' already exists as {existing.kind}."
        raise errors.compilation_error(text, errno=1998, sqlstate="42710")
    entity = build(name)
    if existing is not None:
        discard(engine, session, existing)
    engine.catalog.put(entity)
    engine.future_grants.apply(entity)
    _enter(engine, session, entity)
    label = _LABELS.get(statement.kind, statement.kind.value.capitalize())
    return status(f"{label} {name.last} successfully created.")


def _existing(engine: Engine, kind: Kind, name: Name) -> Entity | None:
    """The existing object of this name; tables, views and dynamic tables share a namespace."""
    kinds = _LIKE_TABLES if kind in _LIKE_TABLES else (kind,)
    found = (engine.catalog.find(ENTITIES[kind], name) for kind in kinds)
    return next((entity for entity in found if entity is not None), None)


def _may_create(engine: Engine, session: Session, kind: Kind, name: Name) -> None:
    if kind in _GLOBALLY:
        if not any(engine.access.may_globally(session.role, privilege) for privilege in _GLOBALLY[kind]):
            raise errors.insufficient_privileges("ACCOUNT", "LOCAL")
    else:
        container = Database if kind is Kind.SCHEMA else Schema
        engine.access.usable(session.role, (f"CREATE {kind}",), container, name.parent)


def _enter(engine: Engine, session: Session, entity: Entity) -> None:
    """A new database, schema or warehouse becomes the current one, as in Snowflake."""
    if isinstance(entity, Database):
        engine.catalog.put(Schema(name=entity.name.child("PUBLIC"), owner=entity.owner))
        session.database, session.schema = entity.name.last, "PUBLIC"
    elif isinstance(entity, Schema):
        session.database, session.schema = entity.name.parts
    elif isinstance(entity, Warehouse):
        session.warehouse = entity.name.last


def _database(engine: Engine, session: Session, name: Name, fields: dict[str, Any]) -> Entity:
    return Database(name=name, owner=session.role, **fields)


def _schema(engine: Engine, session: Session, name: Name, fields: dict[str, Any]) -> Entity:
    return Schema(name=name, owner=session.role, **fields)


def _role(engine: Engine, session: Session, name: Name, fields: dict[str, Any]) -> Entity:
    return Role(name=name, owner=session.role, **fields)


def _warehouse(engine: Engine, session: Session, name: Name, fields: dict[str, Any]) -> Entity:
    return Warehouse(name=name, owner=session.role, **fields)


def _user(engine: Engine, session: Session, name: Name, fields: dict[str, Any]) -> Entity:
    user = User(name=name, owner=session.role, **{"login_name": name.last, **fields})
    check_user(engine, user)
    return user


def check_user(engine: Engine, user: User) -> None:
    """Refuse invalid keys, and a login name in use.

    Raises:
        SnowflakeError: The user's properties are invalid.
    """
    for field in ("rsa_public_key", "rsa_public_key_2"):
        key = getattr(user, field)
        if key is not None:
            check_public_key(key, field.upper())
    if user.network_policy:
        engine.catalog.get(NetworkPolicy, Name((user.network_policy,)))
    for other in engine.catalog.all(User):
        if other.login_name == user.login_name and other.name != user.name:
            raise errors.already_exists(user.login_name)


def _integration(engine: Engine, session: Session, name: Name, fields: dict[str, Any]) -> Entity:
    for field, option in (
        ("enabled", "ENABLED"),
        ("aws_role_arn", "STORAGE_AWS_ROLE_ARN"),
        ("allowed_locations", "STORAGE_ALLOWED_LOCATIONS"),
    ):
        if field not in fields:
            raise errors.missing_property(option)
    chosen = {"aws_external_id": f"LOCAL_SFCRole=2_{secrets.token_urlsafe(21)}", **fields}
    return Integration(name=name, owner=session.role, **chosen)


def _file_format(engine: Engine, session: Session, name: Name, fields: dict[str, Any]) -> Entity:
    comment = fields.get("comment", "")
    return FileFormat(name=name, owner=session.role, comment=comment, format=json_format(fields))


def _stage(engine: Engine, session: Session, name: Name, fields: dict[str, Any]) -> Entity:
    if "url" not in fields:
        raise errors.unsupported("internal stages; give a URL")
    if "integration" not in fields:
        forbid_keys(engine)
    stage = Stage(name=name, owner=session.role, **fields)
    check_stage(engine, session, stage)
    return bound(engine, stage)


def _network_policy(engine: Engine, session: Session, name: Name, fields: dict[str, Any]) -> Entity:
    return NetworkPolicy(name=name, owner=session.role, **fields)


def _authentication_policy(engine: Engine, session: Session, name: Name, fields: dict[str, Any]) -> Entity:
    return AuthenticationPolicy(name=name, owner=session.role, **fields)


def _storage_lifecycle_policy(engine: Engine, session: Session, name: Name, fields: dict[str, Any]) -> Entity:
    return StorageLifecyclePolicy(name=name, owner=session.role, **fields)


def forbid_keys(engine: Engine) -> None:
    """Refuse a stage with its own keys, or none, in an account that allows only integrations.

    The text is that of Snowflake-Labs/sfguide-getting-started-with-snowflake-intelligence#3. Whether the account lets
    the keys of an existing stage be changed is not documented.
    """
    if setting(engine.catalog, INTEGRATION_TO_CREATE):
        raise errors.compilation_error(
            "Creation of stages with direct credentials, including accessing public stages, has been forbidden. "
            "See your account administrator for details."
        )


def bound(engine: Engine, stage: Stage) -> Stage:
    """The stage, bound to the integration that currently has the name."""
    found = engine.catalog.find(Integration, Name((stage.integration,))) if stage.integration else None
    return stage.model_copy(update={"integration_id": found.id if found else None})


def check_stage(engine: Engine, session: Session, stage: Stage) -> None:
    """Refuse a stage that its integration does not allow.

    Raises:
        SnowflakeError: An object that the stage refers to is missing or does not allow it.
    """
    if stage.integration is None:
        return
    if stage.credentials is not None:
        raise errors.compilation_error("CREDENTIALS and STORAGE_INTEGRATION cannot be used together.")
    integration = engine.access.usable(session.role, ("USAGE",), Integration, Name((stage.integration,)))
    where = location(stage)
    url = f"s3://{where.bucket}/{where.prefix}"
    if not integration.allows(url):
        raise errors.location_not_allowed(url, stage.integration)


_BUILDERS: dict[Kind, Callable[[Engine, Session, Name, dict[str, Any]], Entity]] = {
    Kind.DATABASE: _database,
    Kind.SCHEMA: _schema,
    Kind.ROLE: _role,
    Kind.USER: _user,
    Kind.WAREHOUSE: _warehouse,
    Kind.INTEGRATION: _integration,
    Kind.FILE_FORMAT: _file_format,
    Kind.STAGE: _stage,
    Kind.NETWORK_POLICY: _network_policy,
    Kind.AUTHENTICATION_POLICY: _authentication_policy,
    Kind.STORAGE_LIFECYCLE_POLICY: _storage_lifecycle_policy,
}
