"""Rows and whole files that Snowflake refused to load, from its load history of the last 14 days.

The history of a pipe that was replaced is gone, and with it what is listed here; the files stay in the lake.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cli.deployment import Deployment
from cli.output import CommandError, note
from cli.plan.forecast import OwnSession
from cli.rejects.entry import Entry
from cli.rejects.lake import RejectLake
from cli.rejects.selection import Selection
from config.model import PipelineConfig
from config.names import EventStream
from pipeline_monitor.loads import FileLoad, file_name
from snowflake_setup.session.errors import SnowflakeError
from snowflake_setup.session.session import Row, Session
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import ObjectName, literal

ROW_REFUSED, FILE_REFUSED, NOT_READ = "row_refused", "file_refused", "not_read"
_KEPT = timedelta(days=14)


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
        return _history(self.name, "COPY_HISTORY", "TABLE_NAME", self.since)


@dataclass(frozen=True)
class RefusedRows(Statement):
    """Rows that a pipe could not load. Needs a warehouse, and INSERT on the table.

    https://docs.snowflake.com/en/sql-reference/functions/validate_pipe_load
    """

    kind = "SELECT VALIDATE_PIPE_LOAD"
    reads = True

    since: datetime

    def sql(self) -> str:
        """The text sent to Snowflake."""
        return _history(self.name, "VALIDATE_PIPE_LOAD", "PIPE_NAME", self.since)


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
    """The refused line, or the whole file, as it is in the lake."""
    content = lake.content(entry.key)
    return content.split(b"\n")[int(entry.source["line"]) - 1] if "line" in entry.source else content


class LoadRejects:
    """Reads Snowflake's load history.

    Args:
        session: the user's own.
        lake: holds the files.
        config: names the tables and pipes.
    """

    def __init__(self, session: Session, lake: RejectLake, config: PipelineConfig) -> None:
        self._session = session
        self._lake = lake
        self._schema = config.snowflake.database, config.snowflake.schema_name

    def entries(self, streams: Sequence[EventStream], since: datetime, now: datetime) -> Iterator[Entry]:
        """Rejects of loads since then, without their text.

        Raises:
            SnowflakeError: Snowflake does not show the load history.
        """
        since = max(since, now - _KEPT + timedelta(minutes=5))
        for stream in streams:
            history = self._session.execute(LoadedFiles(ObjectName.of(*self._schema, stream.table), since))
            loads = [(load, row) for row in history if (load := FileLoad.read(row))]
            refusing = [(load, row) for load, row in loads if load.rejected or not load.is_in]
            listed = self._listed(stream, since) if refusing else {}
            for load, row in refusing:
                yield from self._of_file(load, row, listed.get(load.file, ()), stream)

    def _listed(self, stream: EventStream, since: datetime) -> Mapping[str, Sequence[Row]]:
        found: defaultdict[str, list[Row]] = defaultdict(list)
        try:
            rows = self._session.execute(RefusedRows(ObjectName.of(*self._schema, stream.pipe), since))
        except SnowflakeError as error:
            note(f"of each file only the first error is known: {error}")
            return found
        for row in rows:
            found[file_name(str(row["file"]))].append(row)
        return found

    def _of_file(
        self, load: FileLoad, row: Row, listed: Sequence[Row], stream: EventStream
    ) -> Iterator[Entry]:
        key = _key(row)
        whole = Entry(
            reject_id=key,
            at=load.committed,
            events=stream.name,
            reason=FILE_REFUSED,
            message=f"{row['status']}: {_message(None, row['first_error_message'] or 'no reason given')}",
            source={"rows": load.rejected},
            data=b"",
            key=key,
        )
        if not load.is_in:
            yield whole
        rows = {int(each["line"] or 0): _message(each["column_name"], each["error"]) for each in listed}
        if not load.is_in:
            rows.pop(0, None)  # the error of the whole file
        elif not rows:
            line = int(row["first_error_line_number"] or 0)
            rows[line] = _message(row["first_error_column_name"], row["first_error_message"])
        for line, message in rows.items():
            yield replace(
                whole,
                reject_id=f"{key}:{line}",
                reason=ROW_REFUSED,
                message=message,
                source={"line": line} if line else whole.source,
                lines=(line,) if line else (),
            )
        if load.is_in and (unlisted := load.rejected - len(rows)) > 0:
            yield replace(
                whole,
                reason=ROW_REFUSED,
                message=f"{unlisted} more rows of this file, which Snowflake does not list",
            )
        if any(str(each["category"]).lower() == "parsing" for each in listed):
            yield from self._not_read(whole, int(row["row_parsed"] or 0))

    def _not_read(self, whole: Entry, read: int) -> Iterator[Entry]:
        """The lines after one that is not JSON: whether a load reads on is not documented."""
        lines = len([line for line in self._lake.content(whole.key).split(b"\n") if line.strip()])
        if lines > read:
            left = f"lines {read + 1} to {lines} were not read, after one that is not JSON"
            yield replace(
                whole,
                reject_id=f"{whole.key}:{read + 1}-{lines}",
                reason=NOT_READ,
                message=left,
                lines=range(read + 1, lines + 1),
            )


def _history(name: ObjectName, function: str, argument: str, since: datetime) -> str:
    start = literal(since.astimezone(UTC).isoformat(timespec="milliseconds"))
    return (
        f"SELECT * FROM TABLE({name.parent.database.sql()}.INFORMATION_SCHEMA.{function}("
        f"{argument} => {literal(name.sql())}, START_TIME => TO_TIMESTAMP_LTZ({start})))"
    )


def _key(row: Row) -> str:
    """The file's key in the lake; its name may be relative to the stage's location or to the bucket."""
    folder, name = str(row["stage_location"]).split("/", 3)[3], str(row["file_name"])
    return name if name.startswith(folder) else f"{folder}{name}"


def _message(column: object, error: object) -> str:
    text = " ".join(str(error).split())
    return f"{column}: {text}" if column else text
