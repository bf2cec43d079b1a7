"""The monitor's queries: each one asks for all kinds of event at once, so that their number does not add up."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from clickstream_wire.columns import CANARY, EVENT_ID, EVENT_TYPE, LOADED_AT, SOURCE_FILE
from pipeline_monitor.settings import WatchedPipe
from snowflake_setup.session.session import Row
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import literal
from snowflake_setup.sql.table import ShowColumns, ShowTable
from snowflake_setup.sql.timestamps import instant


@dataclass(frozen=True)
class Query(Statement):
    """A query for one or more pipes; `name` is an object of the first."""

    reads = True

    pipes: tuple[WatchedPipe, ...]

    @classmethod
    def of(cls, pipes: tuple[WatchedPipe, ...], *more: Any) -> Self:
        """The query for these pipes; `more` are its other fields."""
        return cls(pipes[0].table, pipes, *more)

    @abstractmethod
    def rows_of(self, pipe: WatchedPipe, rows: Sequence[Row]) -> list[Row]:
        """The rows of the answer that are about this pipe."""


@dataclass(frozen=True)
class TableQuery(Query):
    """A query of each table, in one statement; the column EVENTS says which kind of event a row is about."""

    needs = "SELECT ON TABLE"

    def sql(self) -> str:
        return " UNION ALL ".join(map(self.select, self.pipes))

    def rows_of(self, pipe: WatchedPipe, rows: Sequence[Row]) -> list[Row]:
        return [row for row in rows if row["events"] == pipe.events]

    @abstractmethod
    def select(self, pipe: WatchedPipe) -> str:
        """The query of one table."""


class PipeStates(Query):
    """State and number of waiting files of each pipe as JSON, in a column each.

    System functions alone need no warehouse, which a UNION might.
    https://docs.snowflake.com/en/sql-reference/functions/system_pipe_status
    """

    kind = "SELECT SYSTEM$PIPE_STATUS"
    needs = "MONITOR ON PIPE"

    @classmethod
    def of(cls, pipes: tuple[WatchedPipe, ...], *more: Any) -> Self:
        return cls(pipes[0].pipe, pipes, *more)

    def sql(self) -> str:
        states = (
            f"SYSTEM$PIPE_STATUS({literal(watched.pipe.sql())}) AS {self._column(watched)}"
            for watched in self.pipes
        )
        return f"SELECT {', '.join(states)}"

    def rows_of(self, pipe: WatchedPipe, rows: Sequence[Row]) -> list[Row]:
        return [{"status": row[self._column(pipe).lower()]} for row in rows]

    def _column(self, pipe: WatchedPipe) -> str:
        return f"PIPE_{self.pipes.index(pipe)}"


class FreeStates(Query):
    """State of each pipe, and the time of its table's last change in nanoseconds since 1970; needs no warehouse.

    Snowflake calls the time an approximation, and a sign of change above all.
    https://docs.snowflake.com/en/sql-reference/functions/system_last_change_commit_time
    """

    kind = "SELECT SYSTEM$LAST_CHANGE_COMMIT_TIME"
    needs = "MONITOR ON PIPE and SELECT ON TABLE"

    def sql(self) -> str:
        columns = (
            f"SYSTEM$PIPE_STATUS({literal(watched.pipe.sql())}) AS PIPE_{number}, "
            f"SYSTEM$LAST_CHANGE_COMMIT_TIME({literal(watched.table.sql())}) AS TABLE_{number}"
            for number, watched in enumerate(self.pipes)
        )
        return f"SELECT {', '.join(columns)}"

    def rows_of(self, pipe: WatchedPipe, rows: Sequence[Row]) -> list[Row]:
        number = self.pipes.index(pipe)
        return [{"status": row[f"pipe_{number}"], "changed": row[f"table_{number}"]} for row in rows]


class TableSize(Query):
    """The number of rows of the first pipe's table; needs no warehouse.

    https://docs.snowflake.com/en/sql-reference/sql/show-tables
    """

    kind = "SHOW TABLES"
    needs = "SELECT ON TABLE"

    def sql(self) -> str:
        return ShowTable(self.name).sql()

    def rows_of(self, pipe: WatchedPipe, rows: Sequence[Row]) -> list[Row]:
        return [row for row in rows if row["name"] == pipe.table.name.value]


class ShownColumns(Query):
    """The columns of the first pipe's table, with the records of schema evolution; needs no warehouse.

    https://docs.snowflake.com/en/sql-reference/sql/show-columns
    """

    kind = "SHOW COLUMNS"
    needs = "SELECT ON TABLE"

    def sql(self) -> str:
        return ShowColumns(self.name).sql()

    def rows_of(self, pipe: WatchedPipe, rows: Sequence[Row]) -> list[Row]:
        return list(rows)


@dataclass(frozen=True)
class LoadHistory(TableQuery):
    """Files that pipes have loaded since `since` or failed to load since `failed_since`; other loads lack the time.

    `files_since` has an earlier time for kinds of event whose files are compared with the lake's.

    Needs a warehouse. https://docs.snowflake.com/en/sql-reference/functions/copy_history
    """

    kind = "SELECT COPY_HISTORY"

    since: datetime
    failed_since: datetime
    files_since: Mapping[str, datetime]

    def select(self, pipe: WatchedPipe) -> str:
        since = min(self.since, self.files_since.get(pipe.events, self.since))
        return (
            f"SELECT {literal(pipe.events)} AS EVENTS, FILE_NAME, STATUS, LAST_LOAD_TIME, PIPE_RECEIVED_TIME, "
            "ROW_COUNT, ROW_PARSED, FILE_SIZE, ERROR_COUNT "
            f"FROM TABLE({pipe.table.parent.database.sql()}.INFORMATION_SCHEMA.COPY_HISTORY("
            f"TABLE_NAME => {literal(pipe.table.sql())}, "
            f"START_TIME => {instant(min(since, self.failed_since))})) "
            f"WHERE PIPE_RECEIVED_TIME IS NOT NULL "
            f"AND (LAST_LOAD_TIME >= {instant(since)} OR STATUS <> 'Loaded')"
        )


@dataclass(frozen=True)
class CanaryRows(TableQuery):
    """The canaries that became rows since then, each with its file and the time of its load. Needs a warehouse."""

    kind = "SELECT canary rows"

    since: datetime

    def select(self, pipe: WatchedPipe) -> str:
        return (
            f'SELECT {literal(pipe.events)} AS EVENTS, "{EVENT_ID}", "{SOURCE_FILE}", "{LOADED_AT}" '
            f'FROM {pipe.table.sql()} WHERE "{LOADED_AT}" >= {instant(self.since)} '
            f'AND "{EVENT_TYPE}" = {literal(CANARY)}'
        )


@dataclass(frozen=True)
class RowFiles(TableQuery):
    """The files of the rows that were read from them since then. Needs a warehouse."""

    kind = "SELECT files of rows"

    since: Mapping[str, datetime]

    def select(self, pipe: WatchedPipe) -> str:
        return (
            f'SELECT DISTINCT {literal(pipe.events)} AS EVENTS, "{SOURCE_FILE}" FROM {pipe.table.sql()} '
            f'WHERE "{LOADED_AT}" >= {instant(self.since[pipe.events])}'
        )


class NewestRow(TableQuery):
    """The time at which the newest row was read from its file.

    For a single table, Snowflake has it in its metadata and reads no row; whether it does for a UNION is not known.
    """

    kind = "SELECT newest row"

    def select(self, pipe: WatchedPipe) -> str:
        return f'SELECT {literal(pipe.events)} AS EVENTS, MAX("{LOADED_AT}") AS LOADED_AT FROM {pipe.table.sql()}'


class EvolvedColumns(TableQuery):
    """The columns that schema evolution has changed. https://docs.snowflake.com/en/sql-reference/info-schema/columns."""

    kind = "SELECT COLUMNS"

    def select(self, pipe: WatchedPipe) -> str:
        database, schema, table = pipe.table.parts
        return (
            f"SELECT {literal(pipe.events)} AS EVENTS, COLUMN_NAME, SCHEMA_EVOLUTION_RECORD "
            f"FROM {database.sql()}.INFORMATION_SCHEMA.COLUMNS "
            f"WHERE TABLE_SCHEMA = {literal(schema.value)} AND TABLE_NAME = {literal(table.value)} "
            "AND SCHEMA_EVOLUTION_RECORD IS NOT NULL"
        )
