"""Rows and load history of a table, by the files they come from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cli.reconcile.lake import HOUR, place
from clickstream_wire.columns import EVENT_ID, LOADED_AT, SOURCE_FILE, SOURCE_ROW
from clickstream_wire.folders import DAY_FOLDER
from snowflake_setup.session.session import Session
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import Identifier, ObjectName, literal
from snowflake_setup.sql.load_state import LoadState
from snowflake_setup.sql.timestamps import instant, timestamp

HISTORY = timedelta(days=14) - timedelta(minutes=5)
"""The reach of the load history. https://docs.snowflake.com/en/sql-reference/functions/copy_history"""
_MOST_NAMES = 200


@dataclass(frozen=True)
class RowsByFile(Statement):
    """The number of rows from each file in the folder of a day. Needs a warehouse."""

    kind = "SELECT rows by file"
    reads = True

    day: datetime

    def sql(self) -> str:
        """The text sent to Snowflake."""
        file, row, loaded = (Identifier(name).sql() for name in (SOURCE_FILE, SOURCE_ROW, LOADED_AT))
        return (
            f"SELECT {file} AS FILE, COUNT(*) AS ALL_ROWS, COUNT(DISTINCT {row}) AS DISTINCT_ROWS, "
            f"MAX({loaded}) AS LOADED_AT FROM {self.name.sql()} "
            f"WHERE {loaded} >= {instant(self.day - HOUR)} "
            f"AND CONTAINS({file}, {literal(self.day.strftime(DAY_FOLDER))}) GROUP BY {file}"
        )


@dataclass(frozen=True)
class RowsOfFiles(Statement):
    """The numbers and ids of the rows from some files. Needs a warehouse."""

    kind = "SELECT rows of files"
    reads = True

    since: datetime
    files: tuple[str, ...]

    def sql(self) -> str:
        """The text sent to Snowflake."""
        file, row, event, loaded = (
            Identifier(name).sql() for name in (SOURCE_FILE, SOURCE_ROW, EVENT_ID, LOADED_AT)
        )
        names = ", ".join(map(literal, self.files))
        return (
            f"SELECT {file} AS FILE, {row} AS ROW_NUMBER, {event} AS EVENT_ID FROM {self.name.sql()} "
            f"WHERE {loaded} >= {instant(self.since - HOUR)} AND {file} IN ({names})"
        )


@dataclass(frozen=True)
class LoadsByFile(Statement):
    """The outcome of each file that existing pipes have loaded since then. Needs a warehouse.

    https://docs.snowflake.com/en/sql-reference/functions/copy_history
    """

    kind = "SELECT COPY_HISTORY"
    reads = True

    since: datetime

    def sql(self) -> str:
        """The text sent to Snowflake."""
        return (
            "SELECT FILE_NAME, STAGE_LOCATION, STATUS, ROW_COUNT, ROW_PARSED, ERROR_COUNT FROM "
            f"TABLE({self.name.parent.database.sql()}.INFORMATION_SCHEMA.COPY_HISTORY("
            f"TABLE_NAME => {literal(self.name.sql())}, START_TIME => {instant(self.since)}))"
        )


@dataclass(frozen=True)
class FileRows:
    """The rows from one file.

    Attributes:
        name: the file, as the rows name it.
        rows: all of them.
        distinct: those with different numbers.
        loaded: when the newest was read from the file.
    """

    name: str
    rows: int
    distinct: int
    loaded: datetime


@dataclass(frozen=True)
class FileOutcome:
    """The load of one file, as its pipe's history shows it.

    Attributes:
        state: its state.
        rows: those that it put into the table.
        refused: those that it did not, as far as it read the file.
    """

    state: LoadState
    rows: int
    refused: int


class Table:
    """The table of one kind of event.

    Args:
        session: the user's own.
        name: its name.
    """

    def __init__(self, session: Session, name: ObjectName) -> None:
        self._session = session
        self.name = name

    def rows_by_file(self, day: datetime) -> dict[str, FileRows]:
        """The rows from the files of a day, by the file's path from the folder of its day."""
        found = {}
        for row in self._session.execute(RowsByFile(self.name, day)):
            name = str(row["file"])
            if at := place(name):
                rows, distinct = int(row["all_rows"]), int(row["distinct_rows"] or 0)
                found[at] = FileRows(name, rows, distinct, timestamp(row["loaded_at"]))
        return found

    def rows_of(self, files: Iterable[FileRows], since: datetime) -> Mapping[str, dict[int, Any]]:
        """The ids of the rows from files, by path and row number."""
        found: defaultdict[str, dict[int, Any]] = defaultdict(dict)
        names = [file.name for file in files]
        for start in range(0, len(names), _MOST_NAMES):
            some = tuple(names[start : start + _MOST_NAMES])
            for row in self._session.execute(RowsOfFiles(self.name, since, some)):
                found[place(str(row["file"])) or ""][int(row["row_number"])] = row["event_id"]
        return found

    def outcomes(self, since: datetime) -> dict[str, FileOutcome]:
        """The loads since then, by the file's path; of several, the one that put rows into the table."""
        found: dict[str, FileOutcome] = {}
        for row in self._session.execute(LoadsByFile(self.name, since)):
            at = place(f"{row['stage_location']}/{row['file_name']}")
            outcome = _outcome(row)
            if at and (at not in found or outcome.state is LoadState.LOADED):
                found[at] = outcome
        return found


def _outcome(row: Mapping[str, Any]) -> FileOutcome:
    rows, parsed = int(row["row_count"] or 0), int(row["row_parsed"] or 0)
    return FileOutcome(LoadState.of(row), rows, max(int(row["error_count"] or 0), parsed - rows))
