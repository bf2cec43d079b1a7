"""Statements about tables."""

from __future__ import annotations

from dataclasses import dataclass

from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import Identifier, boolean, literal


@dataclass(frozen=True)
class Column:
    """A column; its type is one of `column_type`'s, so it may stand in SQL as it is."""

    name: Identifier
    type: str
    comment: str | None = None

    def sql(self) -> str:
        """The column's definition."""
        comment = f" COMMENT {literal(self.comment)}" if self.comment else ""
        return f"{self.name.sql()} {self.type}{comment}"


@dataclass(frozen=True)
class CreateTable(Statement):
    """A table. https://docs.snowflake.com/en/sql-reference/sql/create-table."""

    columns: tuple[Column, ...]
    schema_evolution: bool
    comment: str

    @property
    def kind(self) -> str:
        """For logs and errors."""
        return "CREATE TABLE"

    def sql(self) -> str:
        """The text Snowflake gets."""
        return (
            f"CREATE TABLE IF NOT EXISTS {self.name.sql()} ({', '.join(c.sql() for c in self.columns)}) "
            f"ENABLE_SCHEMA_EVOLUTION = {boolean(self.schema_evolution)} COMMENT = {literal(self.comment)}"
        )


@dataclass(frozen=True)
class AddColumn(Statement):
    """A further, nullable column. https://docs.snowflake.com/en/sql-reference/sql/alter-table."""

    column: Column

    @property
    def kind(self) -> str:
        """For logs and errors."""
        return "ALTER TABLE ADD COLUMN"

    def sql(self) -> str:
        """The text Snowflake gets."""
        return f"ALTER TABLE {self.name.sql()} ADD COLUMN IF NOT EXISTS {self.column.sql()}"


@dataclass(frozen=True)
class SetColumnComment(Statement):
    """A column's comment. https://docs.snowflake.com/en/sql-reference/sql/alter-table-column."""

    column: Identifier
    comment: str

    @property
    def kind(self) -> str:
        """For logs and errors."""
        return "ALTER TABLE ALTER COLUMN"

    def sql(self) -> str:
        """The text Snowflake gets."""
        return (
            f"ALTER TABLE {self.name.sql()} ALTER COLUMN {self.column.sql()} COMMENT {literal(self.comment)}"
        )


@dataclass(frozen=True)
class SetTableComment(Statement):
    """The table's comment. https://docs.snowflake.com/en/sql-reference/sql/alter-table."""

    comment: str

    @property
    def kind(self) -> str:
        """For logs and errors."""
        return "ALTER TABLE SET COMMENT"

    def sql(self) -> str:
        """The text Snowflake gets."""
        return f"ALTER TABLE {self.name.sql()} SET COMMENT = {literal(self.comment)}"


@dataclass(frozen=True)
class SetSchemaEvolution(Statement):
    """Whether a load may add columns. https://docs.snowflake.com/en/sql-reference/sql/alter-table."""

    enabled: bool

    @property
    def kind(self) -> str:
        """For logs and errors."""
        return "ALTER TABLE SET ENABLE_SCHEMA_EVOLUTION"

    def sql(self) -> str:
        """The text Snowflake gets."""
        return f"ALTER TABLE {self.name.sql()} SET ENABLE_SCHEMA_EVOLUTION = {boolean(self.enabled)}"


@dataclass(frozen=True)
class ShowTable(Statement):
    """The table's row count without a warehouse. https://docs.snowflake.com/en/sql-reference/sql/show-tables.

    `_` and `%` in the name match more than it: pick the row by name.
    """

    @property
    def kind(self) -> str:
        """For logs and errors."""
        return "SHOW TABLES"

    def sql(self) -> str:
        """The text Snowflake gets."""
        return f"SHOW TABLES LIKE {literal(self.name.name.value)} IN SCHEMA {self.name.parent.sql()}"


@dataclass(frozen=True)
class CopyHistory(Statement):
    """Which files were loaded into the table, by pipes that are still there. Wants a warehouse in the session.

    What a pipe loaded is forgotten when it is dropped or replaced, and what was loaded before the table was truncated.
    https://docs.snowflake.com/en/sql-reference/functions/copy_history
    """

    days: int

    @property
    def kind(self) -> str:
        """For logs and errors."""
        return "SELECT COPY_HISTORY"

    def sql(self) -> str:
        """The text Snowflake gets."""
        return (
            "SELECT FILE_NAME, STAGE_LOCATION, STATUS FROM "
            f"TABLE({self.name.parent.database.sql()}.INFORMATION_SCHEMA.COPY_HISTORY("
            f"TABLE_NAME => {literal(self.name.sql())}, "
            f"START_TIME => DATEADD(DAY, -{self.days}, CURRENT_TIMESTAMP())))"
        )


@dataclass(frozen=True)
class LoadedFiles(Statement):
    """Which files the table's rows say they came from. Wants a warehouse in the session.

    Attributes:
        file: the column with METADATA$FILENAME.
        loaded_at: the column with METADATA$START_SCAN_TIME, to read the last `days` only; without one, all is read.
        days: how far back.
    """

    file: Identifier
    loaded_at: Identifier | None
    days: int

    @property
    def kind(self) -> str:
        """For logs and errors."""
        return "SELECT DISTINCT files"

    def sql(self) -> str:
        """The text Snowflake gets."""
        recent = (
            f" WHERE {self.loaded_at.sql()} >= DATEADD(DAY, -{self.days}, CURRENT_TIMESTAMP())"
            if self.loaded_at
            else ""
        )
        return f"SELECT DISTINCT {self.file.sql()} AS FILE_NAME FROM {self.name.sql()}{recent}"
