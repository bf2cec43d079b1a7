"""Rejects of loads: rows and whole files that Snowflake refused, and lines that it did not read.

Rows are those of the error table; the load history of the last 14 days has the whole files, and rows from before error
logging began. The history of a pipe that was replaced is gone, and with it what only it knew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cli.deployment import Deployment
from cli.output import CommandError, note
from cli.plan.forecast import OwnSession
from cli.reconcile.lake import place
from cli.rejects.entry import Entry
from cli.rejects.lake import RejectLake
from cli.rejects.refused_rows import (
    ErrorRows,
    ListedRows,
    RefusedRow,
    by_file,
    described,
    history,
    merged,
)
from cli.rejects.selection import Selection
from config.model import PipelineConfig
from config.names import EventStream
from pipeline_monitor.loads import FileLoad
from snowflake_setup.session.errors import SnowflakeError
from snowflake_setup.session.session import Row, Session
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import ObjectName

ROW_REFUSED, FILE_REFUSED, NOT_READ = "row_refused", "file_refused", "not_read"
_KEPT = timedelta(days=14)
# An error table has the time at which a load began.
_LOAD = timedelta(days=1)


@dataclass(frozen=True)
class LoadedFiles(Statement):
    """Files of a table's load history. Needs a warehouse.

    https://docs.snowflake.com/en/sql-reference/functions/copy_history
    """

    kind = "SELECT COPY_HISTORY"
    reads = True

    since: datetime

    def sql(self) -> str:
        """The text sent to Snowflake."""
        return history(self.name, "COPY_HISTORY", "TABLE_NAME", self.since)


def load_rejects(
    deployment: Deployment, lake: RejectLake, streams: Sequence[EventStream], selection: Selection
) -> Iterator[Entry]:
    """The selected rejects of loads, without their text; a note says if Snowflake cannot be queried."""
    try:
        with deployment.snowflake() as connection:
            loads = LoadRejects(OwnSession(connection), lake, deployment.config)
            found = loads.entries(streams, selection.since, datetime.now(UTC))
            yield from filter(selection.takes, found)
    except (CommandError, SnowflakeError) as error:
        note(f"what Snowflake refused to load is not listed: {error}")


def text_of(entry: Entry, lake: RejectLake) -> bytes:
    """The refused row, or the whole file, as it is in the lake."""
    if len(entry.lines) == 1:
        return lake.record(entry.key, entry.lines[0])
    return entry.data or (lake.content(entry.key) if entry.key else b"")


class LoadRejects:
    """Reads error tables and Snowflake's load history.

    Args:
        session: the user's own.
        lake: holds the files.
        config: names the tables and pipes.
    """

    def __init__(self, session: Session, lake: RejectLake, config: PipelineConfig) -> None:
        self._session = session
        self._lake = lake
        self._schema = config.snowflake.database, config.snowflake.schema_name
        self._error_logging = config.snowflake.error_logging
        self._skips_files = config.snowflake.on_error == "SKIP_FILE"

    def entries(self, streams: Sequence[EventStream], since: datetime, now: datetime) -> Iterator[Entry]:
        """Rejects of loads since then, without their text.

        Raises:
            SnowflakeError: Snowflake does not show the load history.
        """
        remembered = max(since, now - _KEPT + timedelta(minutes=5))
        for stream in streams:
            table = ObjectName.of(*self._schema, stream.table)
            shown = self._session.execute(LoadedFiles(table, remembered))
            kept = self._kept(table, since - _LOAD)
            loads = [(load, row) for row in shown if (load := FileLoad.read(row))]
            refusing = [(load, row) for load, row in loads if load.rejected or not load.is_in]
            listed = (
                {} if all(_is_known(load, kept) for load, _ in refusing) else self._listed(stream, remembered)
            )
            for load, row in refusing:
                rows = merged(kept.get(load.file, ()), listed.get(load.file, ()))
                yield from self._of_file(load, row, rows, stream)
            for name in kept.keys() - {load.file for load, _ in loads}:
                yield from self._forgotten(kept[name], stream)

    def _kept(self, table: ObjectName, since: datetime) -> Mapping[str, Sequence[RefusedRow]]:
        """The rows of the error table, by file; none if it cannot be read."""
        if not self._error_logging:
            return {}
        try:
            rows = self._session.execute(ErrorRows(table, since))
        except SnowflakeError as error:
            note(f"without the error table, at most a thousand refused rows a file are known: {error}")
            return {}
        return by_file(map(RefusedRow.of_error_table, rows))

    def _listed(self, stream: EventStream, since: datetime) -> Mapping[str, Sequence[RefusedRow]]:
        """The rows of VALIDATE_PIPE_LOAD, by file; none if the role may not call it."""
        try:
            rows = self._session.execute(ListedRows(ObjectName.of(*self._schema, stream.pipe), since))
        except SnowflakeError as error:
            note(f"of files that the error table does not explain, only the first error is known: {error}")
            return {}
        return by_file(map(RefusedRow.of_pipe, rows))

    def _of_file(
        self, load: FileLoad, row: Row, rows: Sequence[RefusedRow], stream: EventStream
    ) -> Iterator[Entry]:
        """The rejects of a file in the load history."""
        key, first_error = _key(row), row["first_error_message"]
        whole = Entry(
            reject_id=key,
            at=load.committed,
            events=stream.name,
            reason=FILE_REFUSED,
            message=f"{row['status']}: {described(None, first_error or 'no reason given')}",
            source={"rows": load.rejected},
            data=b"",
            key=key,
        )
        if not load.is_in:
            yield whole
        elif not rows:
            number = int(row["first_error_line_number"] or 0)
            rows = [RefusedRow(key, number, described(row["first_error_column_name"], first_error))]
        placed = [each for each in self._without_misplaced(rows, key) if each.row or load.is_in]
        yield from _of_rows(placed, whole)
        if load.is_in and (unlisted := load.rejected - len(placed)) > 0:
            told = f"{unlisted} more rows of this file, which Snowflake does not list"
            yield replace(whole, reason=ROW_REFUSED, message=told)
        if any(each.is_parsing for each in rows):
            yield from self._not_read(whole, int(row["row_parsed"] or 0))

    def _forgotten(self, rows: Sequence[RefusedRow], stream: EventStream) -> Iterator[Entry]:
        """The rejects of a file that the load history no longer has."""
        path, at = rows[0].path, rows[0].at
        assert at is not None
        inside = place(path)
        key = f"{stream.data_prefix}{inside}" if inside else path
        whole = Entry(
            reject_id=key,
            at=at,
            events=stream.name,
            reason=FILE_REFUSED,
            message=rows[0].message,
            source={},
            data=b"",
            key=key,
        )
        found = self._without_misplaced(merged(rows, ()), key)
        yield from [whole] if self._skips_files else _of_rows(found, whole)

    def _without_misplaced(self, rows: Sequence[RefusedRow], key: str) -> Sequence[RefusedRow]:
        """The rows, without the number of one that cannot be parsed where the file has an event.

        Empty lines have no number here. Whether Snowflake refuses them, and counts them, is not documented.
        """
        if not any(each.is_parsing and each.row for each in rows):
            return rows
        try:
            events = {record.number for record in self._lake.records(key) if not record.flaws}
        except CommandError:  # the lake may have deleted the file by its age
            return rows
        return [replace(each, row=0) if each.is_parsing and each.row in events else each for each in rows]

    def _not_read(self, whole: Entry, read: int) -> Iterator[Entry]:
        """The lines after one that is not JSON: whether a load reads on is not documented."""
        lines = len(self._lake.records(whole.key))
        if lines > read:
            left = f"lines {read + 1} to {lines} were not read, after one that is not JSON"
            yield replace(
                whole,
                reject_id=f"{whole.key}:{read + 1}-{lines}",
                reason=NOT_READ,
                message=left,
                lines=range(read + 1, lines + 1),
            )


def _is_known(load: FileLoad, kept: Mapping[str, Sequence[RefusedRow]]) -> bool:
    """True if the error table explains all that was refused of a file, and says where it is."""
    rows = kept.get(load.file, ())
    return load.is_in and len(rows) >= load.rejected and all(row.row for row in rows)


def _of_rows(rows: Sequence[RefusedRow], whole: Entry) -> Iterator[Entry]:
    """The rejects for rows of a file."""
    for number, row in enumerate(rows, start=1):
        yield replace(
            whole,
            reject_id=f"{whole.key}:{row.row or f'somewhere-{number}'}",
            reason=ROW_REFUSED,
            message=row.message,
            source={"line": row.row} if row.row else {},
            lines=(row.row,) if row.row else (),
            data=b"" if row.row else row.data.encode("utf-8", "surrogateescape"),
        )


def _key(row: Row) -> str:
    """The file's key in the lake; its name may be relative to the stage's location or to the bucket."""
    folder, name = str(row["stage_location"]).split("/", 3)[3], str(row["file_name"])
    return name if name.startswith(folder) else f"{folder}{name}"
