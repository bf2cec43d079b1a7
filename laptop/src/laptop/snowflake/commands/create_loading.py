"""CREATE TABLE and CREATE PIPE."""

from __future__ import annotations

from laptop.snowflake import errors
from laptop.snowflake.commands.create import create_with
from laptop.snowflake.commands.temporary import create_temporary
from laptop.snowflake.engine import Engine
from laptop.snowflake.loading.jobs import bind
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import CopySpec, Entity, Pipe, Table
from laptop.snowflake.queue import QueueUnavailableError
from laptop.snowflake.results import Result
from laptop.snowflake.session import Session
from laptop.snowflake.sql.statements import CreatePipe, CreateTable


def create_table(engine: Engine, session: Session, statement: CreateTable) -> Result:
    """Create a table and the DuckDB table for its rows."""

    def build(name: Name) -> Table:
        table = Table(name=name, owner=session.role, columns=statement.columns, **statement.fields)
        engine.tables.create(table)
        return table

    if statement.temporary:
        return create_temporary(engine, session, statement, build)
    return create_with(engine, session, statement, build)


def create_pipe(engine: Engine, session: Session, statement: CreatePipe) -> Result:
    """Create a pipe whose COPY the role may run, and its notification channel."""

    def build(name: Name) -> Entity:
        copy = resolve_copy(session, statement.copy)
        job = bind(engine.access, session.role, copy, for_pipe=True)
        auto_ingest = bool(statement.fields.get("auto_ingest"))
        return Pipe(
            name=name,
            owner=session.role,
            definition=statement.definition,
            copy_spec=copy,
            stage_id=job.stage.id,
            location_id=job.stage.location_id,
            notification_channel=_channel(engine) if auto_ingest else None,
            **statement.fields,
        )

    return create_with(engine, session, statement, build)


def resolve_copy(session: Session, copy: CopySpec) -> CopySpec:
    """The COPY with all names fully qualified."""
    return copy.model_copy(
        update={
            "table": session.resolve(copy.table, Kind.TABLE, "COPY"),
            "stage": session.resolve(copy.stage, Kind.STAGE, "COPY"),
            "file_format": session.resolve(copy.file_format, Kind.FILE_FORMAT, "FILE FORMAT lookup"),
        }
    )


def _channel(engine: Engine) -> str:
    try:
        return engine.queue.ensure()
    except QueueUnavailableError as error:
        raise errors.SnowflakeError(
            f"The notification channel cannot be created now: {error}", errno=370001, sqlstate="XX000"
        ) from error
