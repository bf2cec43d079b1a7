"""ALTER."""

from __future__ import annotations

import datetime as dt
from typing import Any

from laptop.snowflake import errors
from laptop.snowflake.commands.create import bound, check_stage, check_user, forbid_keys
from laptop.snowflake.engine import Engine
from laptop.snowflake.lake import LakeDeniedError, LakeError, RoleDeniedError
from laptop.snowflake.loading.jobs import bind, lake_keys
from laptop.snowflake.names import Kind
from laptop.snowflake.objects import (
    ENTITIES,
    Entity,
    FileFormat,
    JsonFormat,
    Pipe,
    Stage,
    Table,
    User,
    new_location_id,
    now,
)
from laptop.snowflake.pending import PendingFile
from laptop.snowflake.results import Result, listing, status
from laptop.snowflake.session import Session
from laptop.snowflake.sql.statements import Alter, RefreshPipe

_DONE = "Statement executed successfully."
# ALTER PIPE … REFRESH only considers files of the last week.
_REFRESH_DAYS = 7


def alter(engine: Engine, session: Session, statement: Alter) -> Result:
    """Change an object's properties."""
    name = session.resolve(statement.name, statement.kind, f"ALTER {statement.kind}")
    entity_type = ENTITIES[statement.kind]
    if statement.if_exists and engine.catalog.find(entity_type, name) is None:
        return status(_DONE)
    if statement.kind is Kind.PIPE and set(statement.fields) == {"execution_paused"}:
        entity: Entity = engine.access.usable(session.role, ("OPERATE",), Pipe, name)
    else:
        entity = engine.access.owned(session.role, entity_type, name)
    engine.catalog.put(_changed(engine, session, entity, statement.fields))
    # A stage with new keys or a resumed pipe may load files that failed before.
    engine.pipes.resume()
    return status(_DONE)


def _changed(engine: Engine, session: Session, entity: Entity, fields: dict[str, Any]) -> Entity:
    if isinstance(entity, FileFormat):
        format_ = {name: value for name, value in fields.items() if name in JsonFormat.model_fields}
        rest = {name: value for name, value in fields.items() if name not in format_}
        return entity.model_copy(update={"format": entity.format.model_copy(update=format_), **rest})
    if isinstance(entity, Stage):
        return _changed_stage(engine, session, entity, fields)
    if isinstance(entity, Table) and "error_logging_since" in fields:
        fields = fields | {"error_logging_since": _logging(engine, entity, fields["error_logging_since"])}
    changed = entity.model_copy(update=fields)
    if isinstance(changed, User):
        check_user(engine, changed)
    return changed


def _logging(engine: Engine, table: Table, since: dt.datetime | None) -> dt.datetime | None:
    """The time since which it has an error table; turning error logging off drops that table."""
    if since is None:
        engine.loader.error_tables.forget(table)
        return None
    return table.error_logging_since or since


def _changed_stage(engine: Engine, session: Session, stage: Stage, fields: dict[str, Any]) -> Stage:
    fields = dict(fields)
    if any(fields.get(field, "") is None for field in ("url", "credentials", "integration")):
        raise errors.unsupported("UNSET of a stage's URL or access")
    if "url" in fields:
        # Pipes are bound to the location: setting it, even to the same value, stops them, as in Snowflake.
        fields["location_id"] = new_location_id()
    _keeps_its_access(stage, fields)
    if "credentials" in fields:
        forbid_keys(engine)
    changed = stage.model_copy(update=fields)
    check_stage(engine, session, changed)
    return bound(engine, changed) if {"integration", "credentials"} & set(fields) else changed


def _keeps_its_access(stage: Stage, fields: dict[str, Any]) -> None:
    """Refuse to switch a stage between credentials and an integration.

    Snowflake's Terraform provider recreates the stage in both directions, "because Snowflake doesn't allow updating
    between these two authentication methods in-place" (pkg/resources/custom_diffs.go). The first message is reported
    by snowplow-snowflake-loader#106; none is known for the other direction, nor for a stage without credentials.
    """
    if stage.integration and "credentials" in fields:
        raise errors.compilation_error(
            "CREDENTIALS property is not allowed on stages that use a storage integration or within COPY commands that "
            "use a storage integration."
        )
    if not stage.integration and "integration" in fields:
        raise errors.compilation_error(
            "STORAGE_INTEGRATION property is not allowed on stages that do not use a storage integration."
        )


def refresh_pipe(engine: Engine, session: Session, statement: RefreshPipe) -> Result:
    """Queue the stage's files of the last seven days that the pipe has not handled."""
    name = session.resolve(statement.name, Kind.PIPE, "ALTER PIPE")
    if statement.if_exists and engine.catalog.find(Pipe, name) is None:
        return status(_DONE)
    pipe = engine.access.usable(session.role, ("OPERATE",), Pipe, name)
    since = now() - dt.timedelta(days=_REFRESH_DAYS)
    if statement.modified_after and statement.modified_after > since:
        since = statement.modified_after
    job = bind(engine.access, pipe.owner, pipe.copy_spec, pipe=pipe)
    where = job.location
    try:
        found = engine.lake.list(
            where.bucket, where.prefix + statement.prefix, lake_keys(engine.catalog, job.stage)
        )
    except LakeError as error:
        raise stage_failure(error) from error
    files = [
        PendingFile(item.key, now(), item.modified_on)
        for item in found
        if item.modified_on >= since and item.size
    ]
    sent = engine.pipes.enqueue(pipe, files)
    return listing(("File", "Status"), [(where.relative(file.key), "SENT") for file in sent])


def stage_failure(error: LakeError) -> errors.SnowflakeError:
    """The error of a statement whose stage cannot be read."""
    if isinstance(error, RoleDeniedError):
        return errors.SnowflakeError(f"SQL execution error: {error}", errno=3167, sqlstate="42601")
    state = "22000" if isinstance(error, LakeDeniedError) else "58030"
    return errors.SnowflakeError(str(error), errno=91003, sqlstate=state)
