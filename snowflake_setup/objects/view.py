"""The view that analysts query, on the columns that the template names.

Columns that schema evolution adds are in the table, and get into the view when the contract lists them (ADR 0024).
Snowflake would refuse a view on `*` as soon as the table has more columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from snowflake_setup.objects.actions import Action
from snowflake_setup.objects.look import See
from snowflake_setup.objects.resource import Resource
from snowflake_setup.objects.table import ShownTable
from snowflake_setup.session.errors import DefinitionConflictError, PropertyError
from snowflake_setup.session.properties import Properties
from snowflake_setup.session.session import Row, Session
from snowflake_setup.sql import view as sql
from snowflake_setup.sql.comment_marks import FINGERPRINT, digest, found_mark, marked
from snowflake_setup.sql.identifiers import Identifier, ObjectName
from snowflake_setup.sql.view import FirstArrivals


@dataclass(frozen=True)
class ViewSpec:
    """The view that shows each event once.

    Attributes:
        columns: in order.
    """

    name: ObjectName
    query: FirstArrivals
    comment: str
    columns: tuple[Identifier, ...]

    @property
    def marked_comment(self) -> str:
        """The comment with the query's fingerprint, which excludes the columns: they may change."""
        return marked(self.comment, FINGERPRINT, digest(self.query.sql(())))


@dataclass(frozen=True)
class ShownView:
    """A view as SHOW VIEWS shows it."""

    comment: str
    text: str

    @classmethod
    def look(cls, session: Session, name: ObjectName) -> ShownView | None:
        """The view of that name, or None if there is none."""

        def own(row: Row) -> bool:
            return bool(row.get("name") == name.name.value)

        rows = session.execute(sql.ShowView(name), keep=own)
        return cls(str(rows[0].get("comment") or ""), str(rows[0].get("text"))) if rows else None


class View(Resource[ViewSpec, ShownView]):
    """`Custom::SnowflakeView`."""

    kind = "VIEW"
    shown = ShownView
    dropped_by = sql.DropView

    def read(self, properties: Properties) -> ViewSpec:
        query = FirstArrivals(
            table=properties.reference("Table"),
            key=properties.identifier("Key"),
            order=properties.listed("Order", Identifier),
            type_column=properties.identifier("TypeColumn") if properties.text("TypeColumn", "") else None,
        )
        return ViewSpec(
            name=properties.object_name(),
            query=query,
            comment=properties.text("Comment", ""),
            columns=properties.listed("Columns", Identifier),
        )

    def complete(self, spec: ViewSpec, see: See) -> ViewSpec:
        table = see(ShownTable, spec.query.table)
        if table is None:
            raise DefinitionConflictError(
                f"table {spec.query.table} of view {spec.name} does not exist, or the role cannot see it"
            )
        _require_columns(spec, table)
        return spec

    def require(self, new: ViewSpec, there: ShownView) -> None:
        if found_mark(there.comment, FINGERPRINT) != found_mark(new.marked_comment, FINGERPRINT):
            raise DefinitionConflictError(
                f"view {new.name} exists already and is not the one described here: it reads {there.text}. "
                "Drop it, or choose another name"
            )

    def make(self, new: ViewSpec) -> Sequence[Action]:
        return [sql.CreateView(new.name, new.marked_comment, new.query, new.columns)]

    def adopt(self, new: ViewSpec, there: ShownView, see: See) -> Sequence[Action]:
        """A view with the same query is brought up to date."""
        self.require(new, there)
        return self.change(None, new, there)

    def change(self, old: ViewSpec | None, new: ViewSpec, there: ShownView) -> Sequence[Action]:
        if old == new and there.comment == new.marked_comment:
            return []
        return [sql.ReplaceView(new.name, new.marked_comment, new.query, new.columns)]

    def after(self, new: ViewSpec, there: ShownView | None) -> ShownView:
        return ShownView(new.marked_comment, "")


def _require_columns(spec: ViewSpec, table: ShownTable) -> None:
    query = spec.query
    named = (*spec.columns, query.key, *query.order, *((query.type_column,) if query.type_column else ()))
    if missing := sorted({column.value for column in named} - set(table.columns)):
        raise PropertyError(f"table {query.table} of view {spec.name} has no column {', '.join(missing)}")
