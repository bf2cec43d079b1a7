"""COPY INTO and LIST."""

from __future__ import annotations

from laptop.snowflake.commands.alter import stage_failure
from laptop.snowflake.commands.create_loading import resolve_copy
from laptop.snowflake.commands.use import require_warehouse
from laptop.snowflake.engine import Engine
from laptop.snowflake.errors import SnowflakeError
from laptop.snowflake.lake import LakeError, LakeFile, LakeObject
from laptop.snowflake.loading.jobs import bind, lake_keys
from laptop.snowflake.loading.model import FileRefusedError, FileReport, LoadJob, SourceFile, location
from laptop.snowflake.names import Kind
from laptop.snowflake.objects import CopySpec, Stage
from laptop.snowflake.parameters import require_autocommit, timezone
from laptop.snowflake.results import NUMBER, Result, listing
from laptop.snowflake.session import Session
from laptop.snowflake.sql.statements import CopyInto, ListStage

_COLUMNS = (
    "file",
    "status",
    ("rows_parsed", NUMBER),
    ("rows_loaded", NUMBER),
    ("error_limit", NUMBER),
    ("errors_seen", NUMBER),
    "first_error",
    ("first_error_line", NUMBER),
    ("first_error_character", NUMBER),
    "first_error_column_name",
)


def copy_into(engine: Engine, session: Session, statement: CopyInto) -> Result:
    """Load the stage's files that this table has not loaded; each file commits by itself."""
    require_autocommit(engine.catalog, session, "COPY INTO")
    require_warehouse(engine, session)
    copy = resolve_copy(session, statement.copy)
    job = bind(engine.access, session.role, copy)
    try:
        files = [_fetch(engine, job, item) for item in _candidates(engine, job, copy)]
    except LakeError as error:
        raise stage_failure(error) from error
    try:
        engine.loader.check_evolution(job, (file.body for file in files))
    except FileRefusedError as refused:
        why = refused.error
        raise SnowflakeError(why.message, errno=why.code, sqlstate="22000") from refused
    reports = []
    for file in files:
        # A file may have added columns, so read the table again for the next one.
        job = bind(
            engine.access,
            session.role,
            copy,
            query_id=session.query_id,
            timezone=timezone(engine.catalog, session),
        )
        reports.append(engine.loader.load(job, _source(file.object), file.body))
    if not reports:
        return listing(("status",), [("Copy executed with 0 files processed.",)])
    return listing(_COLUMNS, [_row(job, report) for report in reports])


def list_stage(engine: Engine, session: Session, statement: ListStage) -> Result:
    """List the files of a stage, with the stage's own keys."""
    name = session.resolve(statement.stage, Kind.STAGE, "LIST")
    stage = engine.access.usable(session.role, ("USAGE",), Stage, name)
    where = location(stage, statement.path)
    try:
        found = engine.lake.list(where.bucket, where.prefix, lake_keys(engine.catalog, stage))
    except LakeError as error:
        raise stage_failure(error) from error
    rows = [
        (f"s3://{where.bucket}/{f.key}", f.size, f.etag, f"{f.modified_on:%a, %d %b %Y %H:%M:%S GMT}")
        for f in found
    ]
    return listing(("name", ("size", NUMBER), "md5", "last_modified"), rows)


def _candidates(engine: Engine, job: LoadJob, copy: CopySpec) -> list[LakeObject]:
    where = job.location
    found = engine.lake.list(where.bucket, where.prefix, lake_keys(engine.catalog, job.stage))
    if copy.files:
        wanted = {where.prefix + file for file in copy.files}
        missing = wanted - {item.key for item in found}
        if missing:
            raise SnowflakeError(
                f"Remote file '{min(missing)}' was not found.", errno=91016, sqlstate="22000"
            )
        found = [item for item in found if item.key in wanted]
    seen = engine.loader.history.seen_by_copy(job.table)
    return [item for item in found if item.size and (item.key, item.etag) not in seen]


def _fetch(engine: Engine, job: LoadJob, item: LakeObject) -> LakeFile:
    return engine.lake.get(job.location.bucket, item.key, lake_keys(engine.catalog, job.stage))


def _source(item: LakeObject) -> SourceFile:
    return SourceFile(item.key, item.size, item.etag, item.modified_on)


def _row(job: LoadJob, report: FileReport) -> tuple[object, ...]:
    error = report.first_error
    return (
        f"s3://{job.location.bucket}/{report.file.key}",
        {"Loaded": "LOADED", "Partially loaded": "PARTIALLY_LOADED"}.get(report.status, "LOAD_FAILED"),
        report.parsed,
        report.loaded,
        report.error_limit,
        len(report.errors),
        error.message if error else None,
        error.line if error else None,
        error.character if error else None,
        None,
    )
