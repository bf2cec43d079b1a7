"""Statements about dynamic tables."""

from __future__ import annotations

from dataclasses import dataclass

from snowflake_setup.sql import event_date
from snowflake_setup.sql.base import Describe, Drop, Risk, Show, Statement
from snowflake_setup.sql.first_arrivals import FirstArrivals
from snowflake_setup.sql.identifiers import Identifier, literal
from snowflake_setup.sql.sessions import Sessions


class DescribeDynamicTable(Describe):
    """The columns of a dynamic table, with their types.

    https://docs.snowflake.com/en/sql-reference/sql/desc-dynamic-table
    """

    kind = "DESC DYNAMIC TABLE"


class ShowDynamicTable(Show):
    """The dynamic table with its comment, lag, warehouse, state and the refresh mode that Snowflake chose.

    https://docs.snowflake.com/en/sql-reference/sql/show-dynamic-tables
    """

    kind = "SHOW DYNAMIC TABLES"


class DropDynamicTable(Drop):
    """Drop a dynamic table; the rows stay in the table that it reads."""

    kind = "DROP DYNAMIC TABLE"
    risk = Risk(
        "recomputes", "to have it again, all rows are read; queries of it fail, those of the view do not"
    )


@dataclass(frozen=True)
class _Definition(Statement):
    """A dynamic table as it is created or replaced.

    REFRESH_MODE is given, so that a query which Snowflake cannot refresh incrementally fails here, instead of costing a
    full refresh each time (https://docs.snowflake.com/en/user-guide/dynamic-tables/refresh-modes). It is refreshed at
    once, so that no query finds it without rows.
    """

    query: FirstArrivals | Sessions
    columns: tuple[Identifier, ...]
    lag_minutes: int
    warehouse: Identifier
    comment: str

    def _rest(self, grants: str = "") -> str:
        return (
            f"TARGET_LAG = '{self.lag_minutes} minutes' WAREHOUSE = {self.warehouse.sql()} REFRESH_MODE = INCREMENTAL "
            f"INITIALIZE = ON_CREATE CLUSTER BY ({event_date.COLUMN.sql()}) COMMENT = {literal(self.comment)} "
            f"{grants}AS {self.query.sql_in_parts(self.columns)}"
        )


@dataclass(frozen=True)
class CreateDynamicTable(_Definition):
    """A dynamic table, if there is none. https://docs.snowflake.com/en/sql-reference/sql/create-dynamic-table."""

    kind = "CREATE DYNAMIC TABLE"
    undo = DropDynamicTable
    risk = Risk(
        "recomputes",
        "all rows of the table are read once, which may take its warehouse long: docs/analysts.md",
    )

    def sql(self) -> str:
        return f"CREATE DYNAMIC TABLE IF NOT EXISTS {self.name.sql()} {self._rest()}"


@dataclass(frozen=True)
class ReplaceDynamicTable(_Definition):
    """Recreate a dynamic table and keep its grants, but not its policies and tags.

    https://docs.snowflake.com/en/sql-reference/sql/create-dynamic-table
    """

    kind = "CREATE OR REPLACE DYNAMIC TABLE"
    risk = CreateDynamicTable.risk

    def sql(self) -> str:
        return f"CREATE OR REPLACE DYNAMIC TABLE {self.name.sql()} {self._rest('COPY GRANTS ')}"


class DynamicTableDefinition(Statement):
    """The statement that would create it as it is now, with its policies and tags.

    https://docs.snowflake.com/en/sql-reference/functions/get_ddl
    """

    kind = "SELECT GET_DDL"
    reads = True

    def sql(self) -> str:
        return f"SELECT GET_DDL('DYNAMIC_TABLE', {literal(self.name.sql())})"


@dataclass(frozen=True)
class SetRefreshes(Statement):
    """Lag and warehouse, in place. https://docs.snowflake.com/en/sql-reference/sql/alter-dynamic-table."""

    kind = "ALTER DYNAMIC TABLE SET WAREHOUSE"

    lag_minutes: int
    warehouse: Identifier

    def sql(self) -> str:
        return (
            f"ALTER DYNAMIC TABLE {self.name.sql()} SET WAREHOUSE = {self.warehouse.sql()} "
            f"TARGET_LAG = '{self.lag_minutes} minutes'"
        )


@dataclass(frozen=True)
class SetDynamicTableComment(Statement):
    """Its comment, in place. https://docs.snowflake.com/en/sql-reference/sql/alter-dynamic-table."""

    kind = "ALTER DYNAMIC TABLE SET COMMENT"

    comment: str

    def sql(self) -> str:
        return f"ALTER DYNAMIC TABLE {self.name.sql()} SET COMMENT = {literal(self.comment)}"


class ResumeDynamicTable(Statement):
    """Refresh it again by its lag; Snowflake suspends one whose refreshes fail five times in a row.

    https://docs.snowflake.com/en/sql-reference/sql/alter-dynamic-table
    """

    kind = "ALTER DYNAMIC TABLE RESUME"

    def sql(self) -> str:
        return f"ALTER DYNAMIC TABLE {self.name.sql()} RESUME"
