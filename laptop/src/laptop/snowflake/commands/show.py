"""SHOW: what the role sees of a kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from laptop.snowflake import errors
from laptop.snowflake.engine import Engine
from laptop.snowflake.names import Kind, Name, like_matches
from laptop.snowflake.objects import (
    ENTITIES,
    Database,
    Entity,
    FileFormat,
    Integration,
    Pipe,
    Role,
    Schema,
    Stage,
    Table,
    User,
    View,
    Warehouse,
)
from laptop.snowflake.results import NUMBER, TIMESTAMP_LTZ, Result, listing
from laptop.snowflake.session import Session
from laptop.snowflake.sql.statements import Show

_CREATED = ("created_on", TIMESTAMP_LTZ)
_IN_SCHEMA = (_CREATED, "name", "database_name", "schema_name")


def show(engine: Engine, session: Session, statement: Show) -> Result:
    """List objects of a kind that the role sees, by name."""
    container = _container(engine, session, statement)
    found = [
        entity
        for entity in engine.catalog.all(ENTITIES[statement.kind])
        if entity.name.parts[: len(container)] == container
        and (statement.like is None or like_matches(statement.like, entity.name.last))
        and engine.access.sees(session.role, entity)
    ]
    render = _RENDERERS.get(statement.kind)
    if render is None:
        raise errors.unsupported(f"SHOW {statement.kind}S")
    return render(engine, found)


def _container(engine: Engine, session: Session, statement: Show) -> tuple[str, ...]:
    """The name parts that what is listed must start with."""
    if statement.kind.depth == 1 or statement.scope == "ACCOUNT":
        return ()
    if statement.scope is None:
        inside = (session.database, session.schema)[: statement.kind.depth - 1]
        return tuple(part for part in inside if part)
    kind = Kind(statement.scope)
    current = (session.database, session.schema)[: kind.depth]
    name = statement.container or Name(tuple(part for part in current if part))
    full = session.resolve(name, kind, "SHOW") if name.parts else name
    if len(full.parts) != kind.depth:
        raise errors.no_current(kind.value.lower(), "SHOW")
    engine.access.visible(session.role, ENTITIES[kind], full)
    return full.parts


def pipe_row(pipes: Iterable[Entity]) -> Result:
    """Pipes as SHOW PIPES and DESC PIPE give them."""
    columns = (
        *_IN_SCHEMA,
        "definition",
        "owner",
        "notification_channel",
        "comment",
        "integration",
        "pattern",
        "error_integration",
        "owner_role_type",
        "invalid_reason",
        "kind",
    )
    rows = [
        (
            *_place(pipe),
            pipe.definition,
            pipe.owner,
            pipe.notification_channel,
            pipe.comment,
            None,
            pipe.copy_spec.pattern,
            None,
            "ROLE",
            None,
            "STAGE",
        )
        for pipe in pipes
        if isinstance(pipe, Pipe)
    ]
    return listing(columns, rows)


def _place(entity: Entity) -> tuple[Any, ...]:
    return (entity.created_on, entity.name.last, entity.name.parts[0], entity.name.parts[1])


def _pipes(engine: Engine, found: list[Entity]) -> Result:
    return pipe_row(found)


def _stages(engine: Engine, found: list[Entity]) -> Result:
    columns = (
        *_IN_SCHEMA,
        "url",
        "has_credentials",
        "has_encryption_key",
        "owner",
        "comment",
        "type",
        "cloud",
        "storage_integration",
        "owner_role_type",
    )
    rows = [
        (
            *_place(stage),
            stage.url,
            "Y" if stage.credentials else "N",
            "N",
            stage.owner,
            stage.comment,
            "EXTERNAL",
            "AWS",
            stage.integration,
            "ROLE",
        )
        for stage in found
        if isinstance(stage, Stage)
    ]
    return listing(columns, rows)


def _tables(engine: Engine, found: list[Entity]) -> Result:
    columns = (
        *_IN_SCHEMA,
        "kind",
        "comment",
        ("rows", NUMBER),
        "owner",
        "retention_time",
        "enable_schema_evolution",
        "owner_role_type",
    )
    rows = [
        (
            *_place(table),
            "TABLE",
            table.comment,
            engine.tables.count(table),
            table.owner,
            str(table.retention_days),
            "Y" if table.enable_schema_evolution else "N",
            "ROLE",
        )
        for table in found
        if isinstance(table, Table)
    ]
    return listing(columns, rows)


def _views(engine: Engine, found: list[Entity]) -> Result:
    columns = (*_IN_SCHEMA, "owner", "comment", "text", "is_secure", "is_materialized", "owner_role_type")
    rows = [
        (*_place(view), view.owner, view.comment, view.text, "false", "false", "ROLE")
        for view in found
        if isinstance(view, View)
    ]
    return listing(columns, rows)


def _file_formats(engine: Engine, found: list[Entity]) -> Result:
    rows = [
        (*_place(item), "JSON", item.owner, item.comment, item.format.model_dump_json(), "ROLE")
        for item in found
        if isinstance(item, FileFormat)
    ]
    return listing((*_IN_SCHEMA, "type", "owner", "comment", "format_options", "owner_role_type"), rows)


def _databases(engine: Engine, found: list[Entity]) -> Result:
    rows = [
        (
            item.created_on,
            item.name.last,
            item.owner,
            item.comment,
            str(item.retention_days),
            "STANDARD",
            "ROLE",
        )
        for item in found
        if isinstance(item, Database)
    ]
    return listing((_CREATED, "name", "owner", "comment", "retention_time", "kind", "owner_role_type"), rows)


def _schemas(engine: Engine, found: list[Entity]) -> Result:
    rows = [
        (
            item.created_on,
            item.name.last,
            item.name.parts[0],
            item.owner,
            item.comment,
            str(item.retention_days),
            "ROLE",
        )
        for item in found
        if isinstance(item, Schema)
    ]
    columns = (_CREATED, "name", "database_name", "owner", "comment", "retention_time", "owner_role_type")
    return listing(columns, rows)


def _roles(engine: Engine, found: list[Entity]) -> Result:
    rows = [
        (
            item.created_on,
            item.name.last,
            len(engine.grants.members(item.name.last)),
            item.owner,
            item.comment,
        )
        for item in found
        if isinstance(item, Role)
    ]
    return listing((_CREATED, "name", ("assigned_to_roles_and_users", NUMBER), "owner", "comment"), rows)


def _users(engine: Engine, found: list[Entity]) -> Result:
    rows = [
        (
            user.name.last,
            user.created_on,
            user.login_name,
            str(user.disabled).lower(),
            user.default_role,
            user.owner,
            "false",
            str(user.rsa_public_key is not None).lower(),
            user.comment,
            user.type,
            str(user.workload_identity is not None).lower(),
        )
        for user in found
        if isinstance(user, User)
    ]
    columns = (
        "name",
        _CREATED,
        "login_name",
        "disabled",
        "default_role",
        "owner",
        "has_password",
        "has_rsa_public_key",
        "comment",
        "type",
        "has_workload_identity",
    )
    return listing(columns, rows)


def _warehouses(engine: Engine, found: list[Entity]) -> Result:
    rows = [
        (
            item.name.last,
            "STANDARD",
            item.size,
            item.auto_suspend,
            "true",
            item.created_on,
            item.owner,
            item.comment,
            "ROLE",
        )
        for item in found
        if isinstance(item, Warehouse)
    ]
    columns = ("name", "type", "size", ("auto_suspend", NUMBER), "auto_resume", _CREATED)
    return listing((*columns, "owner", "comment", "owner_role_type"), rows)


def _integrations(engine: Engine, found: list[Entity]) -> Result:
    rows = [
        (
            item.name.last,
            "EXTERNAL_STAGE",
            "STORAGE",
            str(item.enabled).lower(),
            item.comment,
            item.created_on,
        )
        for item in found
        if isinstance(item, Integration)
    ]
    return listing(("name", "type", "category", "enabled", "comment", _CREATED), rows)


_RENDERERS: dict[Kind, Callable[[Engine, list[Entity]], Result]] = {
    Kind.PIPE: _pipes,
    Kind.STAGE: _stages,
    Kind.VIEW: _views,
    Kind.TABLE: _tables,
    Kind.FILE_FORMAT: _file_formats,
    Kind.DATABASE: _databases,
    Kind.SCHEMA: _schemas,
    Kind.ROLE: _roles,
    Kind.USER: _users,
    Kind.WAREHOUSE: _warehouses,
    Kind.INTEGRATION: _integrations,
}
