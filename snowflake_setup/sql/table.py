"""Statements about tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from snowflake_setup.sql.base import Describe, Drop, Risk, Show, Statement
from snowflake_setup.sql.identifiers import Identifier, boolean, literal
from snowflake_setup.sql.timestamps import instant


@dataclass(frozen=True)
class Column:
    """A column; its type was checked by `column_type`, so it is safe in SQL."""

    name: Identifier
    type: str
    comment: str | None = None

    def sql(self) -> str:
        """The column's definition."""
        comment = f" COMMENT {literal(self.comment)}" if self.comment else ""
        return f"{self.name.sql()} {self.type}{comment}"


class DescribeTable(Describe):
    """The columns of a table, with type, nullability and comment; needs no warehouse."""

    kind = "DESC TABLE"


class ShowColumns(Statement):
    """The columns of a table, with the record of the load that made one; needs no warehouse.

    The record is gone as soon as the column is altered. DESC shows it only while schema evolution is on.
    https://docs.snowflake.com/en/release-notes/bcr-bundles/2023_08/bcr-1377
    """

    kind = "SHOW COLUMNS"
    reads = True

    def sql(self) -> str:
        return f"SHOW COLUMNS IN TABLE {self.name.sql()}"


class DropTable(Drop):
    """Drop a table with its rows."""

    kind = "DROP TABLE"
    risk = Risk(
        "destructive", "all rows of the table are deleted (Time Travel keeps them for its retention time)"
    )


@dataclass(frozen=True)
class CreateTable(Statement):
    """A table. https://docs.snowflake.com/en/sql-reference/sql/create-table."""

    kind = "CREATE TABLE"
    undo = DropTable

    columns: tuple[Column, ...]
    schema_evolution: bool
    comment: str

    def sql(self) -> str:
        return (
            f"CREATE TABLE IF NOT EXISTS {self.name.sql()} ({', '.join(c.sql() for c in self.columns)}) "
            f"ENABLE_SCHEMA_EVOLUTION = {boolean(self.schema_evolution)} COMMENT = {literal(self.comment)}"
        )


@dataclass(frozen=True)
class AddColumn(Statement):
    """A new, nullable column. https://docs.snowflake.com/en/sql-reference/sql/alter-table."""

    kind = "ALTER TABLE ADD COLUMN"

    column: Column

    def sql(self) -> str:
        return f"ALTER TABLE {self.name.sql()} ADD COLUMN IF NOT EXISTS {self.column.sql()}"


@dataclass(frozen=True)
class RenameColumn(Statement):
    """Another name for a column, which keeps its values. https://docs.snowflake.com/en/sql-reference/sql/alter-table."""

    kind = "ALTER TABLE RENAME COLUMN"
    repeatable = False
    risk = Risk(
        "moves values", "a query of the old name fails, or reads the empty column added under it below"
    )

    column: Identifier
    to: Identifier

    def sql(self) -> str:
        return f"ALTER TABLE {self.name.sql()} RENAME COLUMN {self.column.sql()} TO {self.to.sql()}"


@dataclass(frozen=True)
class SetColumnType(Statement):
    """A larger type of the same kind. https://docs.snowflake.com/en/sql-reference/sql/alter-table-column."""

    kind = "ALTER TABLE SET DATA TYPE"

    column: Column

    def sql(self) -> str:
        column = self.column
        return f"ALTER TABLE {self.name.sql()} ALTER COLUMN {column.name.sql()} SET DATA TYPE {column.type}"


@dataclass(frozen=True)
class DropNotNull(Statement):
    """A column that may be empty. https://docs.snowflake.com/en/sql-reference/sql/alter-table-column."""

    kind = "ALTER TABLE DROP NOT NULL"

    column: Identifier

    def sql(self) -> str:
        return f"ALTER TABLE {self.name.sql()} ALTER COLUMN {self.column.sql()} DROP NOT NULL"


@dataclass(frozen=True)
class SetColumnComment(Statement):
    """A column's comment. https://docs.snowflake.com/en/sql-reference/sql/alter-table-column."""

    kind = "ALTER TABLE ALTER COLUMN"

    column: Identifier
    comment: str

    def sql(self) -> str:
        return (
            f"ALTER TABLE {self.name.sql()} ALTER COLUMN {self.column.sql()} COMMENT {literal(self.comment)}"
        )


@dataclass(frozen=True)
class SetTableComment(Statement):
    """The table's comment. https://docs.snowflake.com/en/sql-reference/sql/alter-table."""

    kind = "ALTER TABLE SET COMMENT"

    comment: str

    def sql(self) -> str:
        return f"ALTER TABLE {self.name.sql()} SET COMMENT = {literal(self.comment)}"


@dataclass(frozen=True)
class SetSchemaEvolution(Statement):
    """Schema evolution on or off. https://docs.snowflake.com/en/sql-reference/sql/alter-table."""

    kind = "ALTER TABLE SET ENABLE_SCHEMA_EVOLUTION"

    enabled: bool

    def sql(self) -> str:
        return f"ALTER TABLE {self.name.sql()} SET ENABLE_SCHEMA_EVOLUTION = {boolean(self.enabled)}"


@dataclass(frozen=True)
class KeepRefusedRows(Statement):
    """The table's error table made, or kept if there is one: it has each row that a load refuses.

    https://docs.snowflake.com/en/user-guide/data-engineering/error-tables
    """

    kind = "ALTER TABLE SET ERROR_LOGGING"

    def sql(self) -> str:
        return f"ALTER TABLE {self.name.sql()} SET ERROR_LOGGING = TRUE"


@dataclass(frozen=True)
class DropErrorTable(Statement):
    """The table's error table dropped. https://docs.snowflake.com/en/user-guide/data-engineering/error-tables."""

    kind = "ALTER TABLE SET ERROR_LOGGING"
    risk = Risk("destructive", "the refused rows in the error table are deleted with it")

    def sql(self) -> str:
        return f"ALTER TABLE {self.name.sql()} SET ERROR_LOGGING = FALSE"


class ShowTable(Show):
    """The table's row count and options, without a warehouse.

    The column `error_logging` is ON or OFF; an account has it once the behavior change 2026_03 is enabled.
    https://docs.snowflake.com/en/sql-reference/sql/show-tables
    https://docs.snowflake.com/en/release-notes/bcr-bundles/2026_03/bcr-2185
    """

    kind = "SHOW TABLES"


@dataclass(frozen=True)
class CopyHistory(Statement):
    """Files that existing pipes have loaded into the table, or tried to, since then. Needs a warehouse in the session.

    Dropping or replacing a pipe deletes the history of its loads; truncating the table deletes that of all loads.
    https://docs.snowflake.com/en/sql-reference/functions/copy_history
    """

    kind = "SELECT COPY_HISTORY"
    reads = True

    since: datetime

    def sql(self) -> str:
        return (
            "SELECT FILE_NAME, STAGE_LOCATION, STATUS, ROW_COUNT, PIPE_RECEIVED_TIME FROM "
            f"TABLE({self.name.parent.database.sql()}.INFORMATION_SCHEMA.COPY_HISTORY("
            f"TABLE_NAME => {literal(self.name.sql())}, START_TIME => {instant(self.since)}))"
        )


@dataclass(frozen=True)
class LoadedFiles(Statement):
    """Files that rows name as their source, and the last time each was read. Needs a warehouse in the session.

    Attributes:
        file: the column with METADATA$FILENAME.
        loaded_at: the column with METADATA$START_SCAN_TIME; without it all rows are read, and no time is known.
        since: the start of the oldest scan that is read.
    """

    kind = "SELECT files of rows"
    reads = True

    file: Identifier
    loaded_at: Identifier | None
    since: datetime

    def sql(self) -> str:
        file, table = self.file.sql(), self.name.sql()
        if self.loaded_at is None:
            return f"SELECT DISTINCT {file} AS FILE_NAME, NULL AS LAST_SCAN FROM {table}"
        scan = self.loaded_at.sql()
        return (
            f"SELECT {file} AS FILE_NAME, MAX({scan}) AS LAST_SCAN FROM {table} "
            f"WHERE {scan} >= {instant(self.since)} GROUP BY {file}"
        )
