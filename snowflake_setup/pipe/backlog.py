"""Which files of the lake still have to be loaded, and how to have exactly these loaded.

A pipe skips what itself has loaded; it knows nothing of what a pipe before it loaded into the same table. So whenever
a pipe takes over from another one (or from a table that outlived its stack), files are chosen here: those of the last
seven days, as far back as REFRESH reaches, that are not in the table. Two witnesses say which are:

- the table's load history, which knows the loads of pipes that still are. Snowflake forgets them with a pipe that is
  dropped or replaced (https://docs.snowflake.com/en/sql-reference/functions/copy_history): alone it is right once;
- the table's rows, each of which names its file, whoever loaded it.

Files that failed whole are taken again (no row of theirs is in the table); files that were loaded, even in part, are
not. Rows that somebody deleted or truncated come back with their file if no other row of it is left and the pipe that
loaded it is gone.

`refresh_plan` tells how REFRESH is made to choose them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from snowflake_setup.objects.stage import stage_url
from snowflake_setup.pipe.definition import PipeEnds
from snowflake_setup.pipe.refresh_plan import Plan, StagedFile
from snowflake_setup.session.errors import (
    DefinitionConflictError,
    ObjectMissingError,
    OutOfTimeError,
    WarehouseNeededError,
)
from snowflake_setup.session.tools import Row, Tools
from snowflake_setup.sql.base import Noun
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.instants import instant
from snowflake_setup.sql.pipe import RefreshPipe
from snowflake_setup.sql.stage import ListStage
from snowflake_setup.sql.table import CopyHistory, LoadedFiles, ShowTable

REACH = timedelta(days=7)
# A day more than the reach: a file is loaded after it has landed.
_HISTORY_DAYS = 8


def staged_files(tools: Tools, stage: ObjectName) -> list[StagedFile]:
    """The files REFRESH can still reach."""
    since = tools.clock.now() - REACH

    def recent(row: Row) -> bool:
        return instant(row["last_modified"]) >= since

    rows = tools.warehouse.execute(ListStage(stage), keep=recent)
    return [StagedFile(str(row["name"]), instant(row["last_modified"])) for row in rows]


def loaded_urls(tools: Tools, ends: Iterable[PipeEnds]) -> set[str]:
    """The URLs of the files that are in the tables of `ends`."""
    loaded: set[str] = set()
    for one in ends:
        try:
            loaded |= _in_history(tools, one.table)
            loaded |= _in_rows(tools, one)
        except ObjectMissingError:
            tools.log.info("table is gone, and its load history with it", object=str(one.table))
        except WarehouseNeededError:
            # Only an empty table is known without being read.
            if not is_empty(tools, one.table):
                raise
    return loaded


def _in_history(tools: Tools, table: ObjectName) -> set[str]:
    rows = tools.warehouse.execute(CopyHistory(table, _HISTORY_DAYS), keep=_has_rows)
    return {url for row in rows for url in _urls(str(row["stage_location"]), str(row["file_name"]))}


def _in_rows(tools: Tools, ends: PipeEnds) -> set[str]:
    if ends.file is None:
        tools.log.warning(
            "no column of the table keeps METADATA$FILENAME, so what a pipe before this one loaded is known from the "
            "load history alone, and may be loaded twice if that pipe was replaced in the last seven days",
            object=str(ends.table),
        )
        return set()
    rows = tools.warehouse.execute(LoadedFiles(ends.table, ends.file, ends.loaded_at, _HISTORY_DAYS))
    base = stage_url(tools.describe(Noun.STAGE, ends.stage) or [])
    return {url for row in rows if row["file_name"] for url in _urls(base, str(row["file_name"]))}


def is_empty(tools: Tools, table: ObjectName) -> bool:
    """Whether the table has no row; needs no warehouse."""
    rows = tools.warehouse.execute(ShowTable(table))
    return any(row["name"] == table.name.value and str(row["rows"]) == "0" for row in rows)


def feed(tools: Tools, pipe: ObjectName, stage: ObjectName, chosen: Plan) -> None:
    """Have the pipe load what `chosen` names."""
    base = stage_url(tools.describe(Noun.STAGE, stage) or [])
    if chosen.everything:
        tools.warehouse.execute(RefreshPipe(pipe))
    if chosen.modified_after:
        tools.warehouse.execute(RefreshPipe(pipe, modified_after=chosen.modified_after))
    for done, prefix in enumerate(chosen.prefixes):
        if tools.clock.remaining() == 0:
            raise OutOfTimeError(
                f"pipe {pipe} was given {done} of {len(chosen.prefixes)} groups of files, then the time was up; "
                "deploy again: the others follow, and what is loaded is not loaded twice"
            )
        if not prefix.startswith(base):
            raise DefinitionConflictError(f"stage {stage} at {base} lists {prefix}, which is not there")
        tools.warehouse.execute(RefreshPipe(pipe, prefix=prefix.removeprefix(base)))
    if chosen.left_out:
        tools.log.warning(
            "files not loaded, since their paths begin those of loaded files; load them with COPY INTO … FILES",
            object=str(pipe),
            files=chosen.left_out[:20],
        )
    tools.log.info(
        "pipe fed",
        object=str(pipe),
        everything=chosen.everything,
        modified_after=chosen.modified_after,
        prefixes=len(chosen.prefixes),
    )


def _has_rows(row: Row) -> bool:
    return str(row["status"]).lower() != "load failed"


def _urls(location: str, name: str) -> set[str]:
    """All readings of a file's name: it is relative to the stage's location, or to the bucket, or complete."""
    scheme, _, path = location.partition("://")
    bucket = f"{scheme}://{path.partition('/')[0]}/"
    return {location + name, bucket + name, name}
