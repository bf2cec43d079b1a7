"""Finding the files of the lake that still have to be loaded, and loading exactly these.

A pipe skips files it has loaded itself; it does not know what an earlier pipe loaded into the same table. So whenever
a pipe takes over from another one (or from a table that outlived its stack), the files are chosen here: those of the
last seven days, which is as far back as REFRESH reaches, that are not in the table. There are two sources for that:

- the table's load history, which covers loads by existing pipes. When a pipe is dropped or replaced, Snowflake deletes
  its history (https://docs.snowflake.com/en/sql-reference/functions/copy_history), so this source alone is not enough;
- the table's rows, each of which names its file, regardless of how it was loaded.

Files that failed completely are loaded again (they have no row in the table); files that were loaded, even in part,
are not. Rows that were deleted or truncated are loaded again with their file if no other row of the file is left and
the pipe that loaded it no longer exists.

`refresh_choice` describes how REFRESH is made to select these files.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from snowflake_setup.objects.actions import Remark, carry_out
from snowflake_setup.objects.look import See
from snowflake_setup.objects.stage import ShownStage
from snowflake_setup.objects.table import ShownRows
from snowflake_setup.pipe.refresh_choice import Choice, StagedFile, choose
from snowflake_setup.session.errors import (
    DefinitionConflictError,
    ObjectMissingError,
    OutOfTimeError,
    SnowflakeError,
    WarehouseNeededError,
)
from snowflake_setup.session.invocation import Invocation
from snowflake_setup.session.session import Row, Session
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.copy_into import PipeEnds
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.pipe import RefreshPipe
from snowflake_setup.sql.stage import ListStage
from snowflake_setup.sql.table import CopyHistory, LoadedFiles
from snowflake_setup.sql.timestamps import timestamp

REACH = timedelta(days=7)
# A day more than REFRESH reaches: a file is loaded after it has landed.
_HISTORY_DAYS = 8
UNKNOWN = Remark(
    "Files in the lake that no pipe has loaded are then queued with ALTER PIPE … REFRESH. Their names, and the number "
    "of statements (possibly none), are known only at deployment",
    unknown=True,
)


def staged_files(invocation: Invocation, stage: ObjectName) -> list[StagedFile]:
    """The files REFRESH can still reach."""
    since = invocation.clock.now() - REACH

    def recent(row: Row) -> bool:
        return timestamp(row["last_modified"]) >= since

    rows = invocation.session.execute(ListStage(stage), keep=recent)
    return [StagedFile(str(row["name"]), timestamp(row["last_modified"])) for row in rows]


def loaded_urls(invocation: Invocation, ends: Iterable[PipeEnds]) -> set[str]:
    """The URLs of the files that are in the tables of `ends`."""
    loaded: set[str] = set()
    for one in ends:
        try:
            loaded |= _in_history(invocation.session, one.table)
            loaded |= _in_rows(invocation, one)
        except ObjectMissingError:
            invocation.log.info("table and its load history no longer exist", object=str(one.table))
        except WarehouseNeededError:
            # Without a warehouse only an empty table can be recognized.
            if not is_empty(invocation.session, one.table):
                raise
    return loaded


def _in_history(session: Session, table: ObjectName) -> set[str]:
    rows = session.execute(CopyHistory(table, _HISTORY_DAYS), keep=_has_rows)
    return {url for row in rows for url in _urls(str(row["stage_location"]), str(row["file_name"]))}


def _in_rows(invocation: Invocation, ends: PipeEnds) -> set[str]:
    if ends.file is None:
        invocation.log.warning(
            "no column of the table stores METADATA$FILENAME, so files loaded by an earlier pipe are known only from "
            "the load history, and may be loaded twice if that pipe was replaced in the last seven days",
            object=str(ends.table),
        )
        return set()
    rows = invocation.session.execute(LoadedFiles(ends.table, ends.file, ends.loaded_at, _HISTORY_DAYS))
    base = _stage(invocation.session, ends.stage).url
    return {url for row in rows if row["file_name"] for url in _urls(base, str(row["file_name"]))}


def is_empty(session: Session, table: ObjectName) -> bool:
    """True if the table has no rows; needs no warehouse."""
    return ShownRows.look(session, table) == ShownRows(0)


def feed(invocation: Invocation, pipe: ObjectName, stage: ObjectName, loaded: set[str]) -> None:
    """Have the pipe load the files in the stage that are not in `loaded`."""
    chosen = choose(staged_files(invocation, stage), loaded)
    fed = 0
    for statement in _refreshes(pipe, stage, _stage(invocation.session, stage), chosen):
        if statement.prefix is not None and invocation.clock.remaining() == 0:
            raise OutOfTimeError(
                f"the function's time ran out after {fed} of {len(chosen.prefixes)} groups of files were queued for "
                f"pipe {pipe}; deploy again to queue the others: no file is loaded twice"
            )
        invocation.session.execute(statement)
        fed += statement.prefix is not None
    carry_out(_left_out(pipe, chosen), invocation)
    invocation.log.info(
        "pipe fed",
        object=str(pipe),
        everything=chosen.everything,
        modified_after=chosen.modified_after,
        prefixes=len(chosen.prefixes),
    )


def foreseen(
    see: See, invocation: Invocation, pipe: ObjectName, stage: ObjectName, ends: Iterable[PipeEnds]
) -> list[Statement | Remark]:
    """The statements of `feed` as far as they are known in advance."""
    planned = see(ShownStage, stage)
    try:
        # The present stage cannot list the files at its future location.
        if planned is None or planned.url != _stage(invocation.session, stage).url:
            return [UNKNOWN]
        chosen = choose(staged_files(invocation, stage), loaded_urls(invocation, ends))
    except SnowflakeError:
        return [UNKNOWN]
    return [*_refreshes(pipe, stage, planned, chosen), *_left_out(pipe, chosen)]


def _left_out(pipe: ObjectName, chosen: Choice) -> list[Remark]:
    if not chosen.left_out:
        return []
    message = (
        "files not loaded: their paths are prefixes of loaded files' paths; load them with COPY INTO … FILES"
    )
    return [Remark(message, {"object": str(pipe), "files": chosen.left_out[:20]})]


def _refreshes(pipe: ObjectName, stage: ObjectName, at: ShownStage, chosen: Choice) -> list[RefreshPipe]:
    if astray := [prefix for prefix in chosen.prefixes if not prefix.startswith(at.url)]:
        raise DefinitionConflictError(
            f"stage {stage} at {at.url} lists {astray[0]}, which is outside that location"
        )
    statements = [RefreshPipe(pipe)] if chosen.everything else []
    if chosen.modified_after:
        statements.append(RefreshPipe(pipe, modified_after=chosen.modified_after))
    return statements + [RefreshPipe(pipe, prefix=prefix.removeprefix(at.url)) for prefix in chosen.prefixes]


def _stage(session: Session, name: ObjectName) -> ShownStage:
    return ShownStage.look(session, name) or ShownStage()


def _has_rows(row: Row) -> bool:
    return str(row["status"]).lower() != "load failed"


def _urls(location: str, name: str) -> set[str]:
    """All possible URLs of a file name: relative to the stage's location, to the bucket, or complete."""
    scheme, _, path = location.partition("://")
    bucket = f"{scheme}://{path.partition('/')[0]}/"
    return {location + name, bucket + name, name}
