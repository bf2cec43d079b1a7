"""The rows of tables, each in a DuckDB table named by its id, so that a replaced table starts empty."""

from __future__ import annotations

import duckdb

from laptop.snowflake import errors
from laptop.snowflake.datatypes import DataType
from laptop.snowflake.names import quote
from laptop.snowflake.objects import Column, DynamicTable, Table
from laptop.snowflake.store import Store

SCHEMA = "data"


def physical(table: Table | DynamicTable) -> str:
    """The DuckDB name of a table."""
    return f"{SCHEMA}.{quote(table.id)}"


class Tables:
    """Creates, alters and drops the DuckDB tables."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, table: Table | DynamicTable) -> None:
        """Create the DuckDB table for a new table."""
        columns = ", ".join(_definition(column) for column in table.columns)
        names = [column.name for column in table.columns]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise errors.compilation_error(f"duplicate column name '{twice}'", errno=2025, sqlstate="42S21")
        try:
            self._store.execute(f"CREATE TABLE {physical(table)} ({columns})")
        except duckdb.CatalogException:
            raise errors.unsupported("columns whose names differ only in case") from None

    def count(self, table: Table | DynamicTable) -> int:
        """The number of rows."""
        return int(self._store.rows(f"SELECT count(*) FROM {physical(table)}")[0][0])

    def drop(self, table: Table | DynamicTable) -> None:
        """Drop the rows."""
        self._store.execute(f"DROP TABLE {physical(table)}")

    def add_columns(self, table: Table, columns: tuple[Column, ...]) -> None:
        """Add columns to the table; existing rows get NULL."""
        for column in columns:
            if not column.nullable and self._store.rows(f"SELECT 1 FROM {physical(table)} LIMIT 1"):
                raise errors.compilation_error(
                    f"Non-nullable column '{column.name}' cannot be added to non-empty table "
                    f"'{table.name.last}' unless it has a non-null default value.",
                    errno=2028,
                    sqlstate="42601",
                )
            try:
                self._store.execute(
                    f"ALTER TABLE {physical(table)} ADD COLUMN {_definition(column, alter=True)}"
                )
                if not column.nullable:
                    self._alter_column(table, column.name, "SET NOT NULL")
            except duckdb.CatalogException:
                raise errors.unsupported("columns whose names differ only in case") from None

    def allow_nulls(self, table: Table, columns: tuple[Column, ...]) -> None:
        """Drop NOT NULL from columns, as schema evolution does."""
        for column in columns:
            self._alter_column(table, column.name, "DROP NOT NULL")

    def retype(self, table: Table, column: str, new: DataType) -> None:
        """Give a column a wider type."""
        self._alter_column(table, column, f"SET DATA TYPE {new.physical}")

    def rename(self, table: Table, column: str, new: str) -> None:
        """Rename a column."""
        self._store.execute(f"ALTER TABLE {physical(table)} RENAME COLUMN {quote(column)} TO {quote(new)}")

    def _alter_column(self, table: Table, column: str, change: str) -> None:
        self._store.execute(f"ALTER TABLE {physical(table)} ALTER COLUMN {quote(column)} {change}")


def _definition(column: Column, *, alter: bool = False) -> str:
    constraint = "" if column.nullable or alter else " NOT NULL"
    return f"{quote(column.name)} {column.type.physical}{constraint}"
