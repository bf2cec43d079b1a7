"""SHOW: the objects of a kind that the role sees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from laptop.snowflake import errors
from laptop.snowflake.datatypes import DataType
from laptop.snowflake.engine import Engine
from laptop.snowflake.names import Kind, Name, like_matches
from laptop.snowflake.objects import ENTITIES, Entity, View
from laptop.snowflake.results import NUMBER, TIMESTAMP_LTZ, VARCHAR, Result, listing
from laptop.snowflake.session import Session
from laptop.snowflake.sql.show_statements import Show


@dataclass(frozen=True)
class _Column:
    """One column of a list, with the function for its value."""

    name: str
    value: Callable[[Engine, Any], Any]
    type: DataType = VARCHAR


def show(engine: Engine, session: Session, statement: Show) -> Result:
    """List objects of a kind that the role sees, by name."""
    container = _container(engine, session, statement)
    found = [
        _as_shown(engine, session, entity)
        for entity in engine.catalog.all(ENTITIES[statement.kind])
        if entity.name.session in (0, session.id)
        and entity.name.parts[: len(container)] == container
        and (statement.like is None or like_matches(statement.like, entity.name.last))
        and engine.access.sees(session.role, entity)
    ]
    return listed(engine, statement.kind, found)


def _as_shown(engine: Engine, session: Session, entity: Entity) -> Entity:
    """The object, without the text of another role's view: it is not documented whether SHOW VIEWS shows that."""
    if isinstance(entity, View) and not engine.access.owns(session.role, entity):
        return entity.model_copy(update={"text": None})
    return entity


def listed(engine: Engine, kind: Kind, found: Iterable[Entity]) -> Result:
    """Objects of a kind in the format of SHOW."""
    if kind not in _COLUMNS:
        raise errors.unsupported(f"SHOW {kind}S")
    columns = _COLUMNS[kind]
    rows = [tuple(column.value(engine, entity) for column in columns) for entity in found]
    return listing([(column.name, column.type) for column in columns], rows)


def _container(engine: Engine, session: Session, statement: Show) -> tuple[str, ...]:
    """The name parts that listed objects must start with."""
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


def _of(name: str, attribute: str = "", type_: DataType = VARCHAR) -> _Column:
    """An attribute of the object, unchanged."""
    path = attribute or name
    return _Column(name, lambda engine, entity: getattr(entity, path), type_)


def _flag(name: str, attribute: str = "") -> _Column:
    """The text "true" if the attribute is set, else "false"."""
    path = attribute or name
    return _Column(name, lambda engine, entity: str(bool(getattr(entity, path))).lower())


def _always(name: str, value: str | None) -> _Column:
    """The same value for every object."""
    return _Column(name, lambda engine, entity: value)


_CREATED = _of("created_on", type_=TIMESTAMP_LTZ)
_NAME = _Column("name", lambda engine, entity: entity.name.last)
_DATABASE = _Column("database_name", lambda engine, entity: entity.name.parts[0])
_IN_SCHEMA = (_CREATED, _NAME, _DATABASE, _Column("schema_name", lambda engine, entity: entity.name.parts[1]))
_OWNED_BY_ROLE = _always("owner_role_type", "ROLE")
_RETENTION = _Column("retention_time", lambda engine, entity: str(entity.retention_days))


def _lag(lag: dt.timedelta) -> str:
    """In the largest unit that divides it; whether Snowflake shows it as it was written is not documented."""
    seconds = int(lag.total_seconds())
    for name, unit in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds % unit == 0:
            return f"{seconds // unit} {name}{'s' if seconds > unit else ''}"
    return f"{seconds} seconds"


_COLUMNS: dict[Kind, tuple[_Column, ...]] = {
    Kind.PIPE: (
        *_IN_SCHEMA,
        _of("definition"),
        _of("owner"),
        _of("notification_channel"),
        _of("comment"),
        _always("integration", None),
        _always("pattern", None),
        _always("error_integration", None),
        _OWNED_BY_ROLE,
        _always("invalid_reason", None),
        _always("kind", "STAGE"),
    ),
    Kind.STAGE: (
        *_IN_SCHEMA,
        _of("url"),
        _Column("has_credentials", lambda engine, stage: "Y" if stage.credentials else "N"),
        _always("has_encryption_key", "N"),
        _of("owner"),
        _of("comment"),
        _always("region", None),
        _always("type", "EXTERNAL"),
        _always("cloud", "AWS"),
        _always("notification_channel", None),
        _of("storage_integration", "integration"),
        _always("endpoint", None),
        _OWNED_BY_ROLE,
        _always("directory_enabled", "N"),
    ),
    Kind.TABLE: (
        *_IN_SCHEMA,
        _Column("kind", lambda engine, table: "TEMPORARY" if table.name.session else "TABLE"),
        _of("comment"),
        _Column("rows", lambda engine, table: engine.tables.count(table), NUMBER),
        _of("owner"),
        _RETENTION,
        _Column("enable_schema_evolution", lambda engine, table: "NY"[table.enable_schema_evolution]),
        _Column("error_logging", lambda engine, table: "ON" if table.error_logging_since else "OFF"),
        _OWNED_BY_ROLE,
    ),
    Kind.VIEW: (
        *_IN_SCHEMA,
        _of("owner"),
        _of("comment"),
        _of("text"),
        _always("is_secure", "false"),
        _always("is_materialized", "false"),
        _OWNED_BY_ROLE,
    ),
    Kind.DYNAMIC_TABLE: (
        *_IN_SCHEMA,
        _Column("cluster_by", lambda engine, table: f"LINEAR({', '.join(table.cluster_by)})"),
        _Column("rows", lambda engine, table: engine.tables.count(table), NUMBER),
        _of("owner"),
        _Column("target_lag", lambda engine, table: _lag(table.target_lag)),
        _always("refresh_mode", "INCREMENTAL"),
        _always("refresh_mode_reason", None),
        _of("warehouse"),
        _of("comment"),
        _of("text"),
        _always("automatic_clustering", "ON"),
        _Column("scheduling_state", lambda engine, table: "SUSPENDED" if table.suspended else "ACTIVE"),
        _of("data_timestamp", "refreshed_on", TIMESTAMP_LTZ),
        _OWNED_BY_ROLE,
    ),
    Kind.FILE_FORMAT: (
        *_IN_SCHEMA,
        _always("type", "JSON"),
        _of("owner"),
        _of("comment"),
        _Column("format_options", lambda engine, item: item.format.model_dump_json()),
        _OWNED_BY_ROLE,
    ),
    Kind.AUTHENTICATION_POLICY: (
        _CREATED,
        _NAME,
        _of("comment"),
        *_IN_SCHEMA[2:],
        _of("owner"),
        _OWNED_BY_ROLE,
        _always("options", ""),
    ),
    Kind.STORAGE_LIFECYCLE_POLICY: (
        *_IN_SCHEMA,
        _always("kind", "STORAGE_LIFECYCLE_POLICY"),
        _of("owner"),
        _of("comment"),
        _OWNED_BY_ROLE,
        _always("options", ""),
    ),
    Kind.DATABASE: (
        _CREATED,
        _NAME,
        _of("owner"),
        _of("comment"),
        _RETENTION,
        _always("kind", "STANDARD"),
        _OWNED_BY_ROLE,
    ),
    Kind.SCHEMA: (_CREATED, _NAME, _DATABASE, _of("owner"), _of("comment"), _RETENTION, _OWNED_BY_ROLE),
    Kind.ROLE: (
        _CREATED,
        _NAME,
        _Column(
            "assigned_to_roles_and_users",
            lambda engine, role: len(engine.grants.members(role.name.last)),
            NUMBER,
        ),
        _of("owner"),
        _of("comment"),
    ),
    Kind.USER: (
        _NAME,
        _CREATED,
        _of("login_name"),
        _flag("disabled"),
        _of("default_role"),
        _of("owner"),
        _always("has_password", "false"),
        _flag("has_rsa_public_key", "rsa_public_key"),
        _of("comment"),
        _of("type"),
        _flag("has_workload_identity", "workload_identity"),
    ),
    Kind.WAREHOUSE: (
        _NAME,
        _always("type", "STANDARD"),
        _of("size"),
        _of("auto_suspend", type_=NUMBER),
        _always("auto_resume", "true"),
        _CREATED,
        _of("owner"),
        _of("comment"),
        _OWNED_BY_ROLE,
    ),
    Kind.INTEGRATION: (
        _NAME,
        _always("type", "EXTERNAL_STAGE"),
        _always("category", "STORAGE"),
        _flag("enabled"),
        _of("comment"),
        _CREATED,
    ),
}
