"""Statements about views."""

from __future__ import annotations

from dataclasses import dataclass

from snowflake_setup.sql.base import Describe, Drop, Risk, Show, Statement
from snowflake_setup.sql.first_arrivals import FirstArrivals, Kept
from snowflake_setup.sql.identifiers import Identifier, literal
from snowflake_setup.sql.sessions import Sessions


class DescribeView(Describe):
    """The columns of a view, with their types."""

    kind = "DESC VIEW"


class DropView(Drop):
    """Drop a view; the table keeps its rows."""

    kind = "DROP VIEW"
    risk = Risk("interrupts loading", "queries of the view fail; the rows stay in the table")


@dataclass(frozen=True)
class CreateView(Statement):
    """A view, if there is none yet. https://docs.snowflake.com/en/sql-reference/sql/create-view."""

    kind = "CREATE VIEW"
    undo = DropView

    comment: str
    query: FirstArrivals | Kept | Sessions
    columns: tuple[Identifier, ...]

    def sql(self) -> str:
        return (
            f"CREATE VIEW IF NOT EXISTS {self.name.sql()} COMMENT = {literal(self.comment)} "
            f"AS {self.query.sql(self.columns)}"
        )


@dataclass(frozen=True)
class ReplaceView(Statement):
    """Recreate a view and keep its grants, but not its policies and tags.

    https://docs.snowflake.com/en/sql-reference/sql/create-view
    """

    kind = "CREATE OR REPLACE VIEW"

    comment: str
    query: FirstArrivals | Kept | Sessions
    columns: tuple[Identifier, ...]

    def sql(self) -> str:
        return (
            f"CREATE OR REPLACE VIEW {self.name.sql()} COPY GRANTS COMMENT = {literal(self.comment)} "
            f"AS {self.query.sql(self.columns)}"
        )


@dataclass(frozen=True)
class SetViewComment(Statement):
    """The view's comment, in place. https://docs.snowflake.com/en/sql-reference/sql/alter-view."""

    kind = "ALTER VIEW SET COMMENT"

    comment: str

    def sql(self) -> str:
        return f"ALTER VIEW {self.name.sql()} SET COMMENT = {literal(self.comment)}"


class ViewDefinition(Statement):
    """The statement that would create the view as it is now, with its policies and tags.

    https://docs.snowflake.com/en/sql-reference/functions/get_ddl
    """

    kind = "SELECT GET_DDL"
    reads = True

    def sql(self) -> str:
        return f"SELECT GET_DDL('VIEW', {literal(self.name.sql())})"


class ShowView(Show):
    """The view with its comment, which DESC omits. https://docs.snowflake.com/en/sql-reference/sql/show-views."""

    kind = "SHOW VIEWS"
