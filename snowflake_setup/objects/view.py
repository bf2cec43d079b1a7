"""The view that analysts query: recreated at every update, since it holds no data.

It lists the columns the table has at that moment. Schema evolution adds columns between deployments; Snowflake would
then refuse a view on `*` until it is recreated, while a view with a list still works and gets the new columns with
the next update. Changing `Revision` triggers such an update.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from snowflake_setup.objects.actions import Action, Remark
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
        revision: any change of it has the view recreated.
        table: the table it reads, with columns that the template does not name.
    """

    name: ObjectName
    query: FirstArrivals
    comment: str
    revision: str
    table: ShownTable = field(default=ShownTable({}), compare=False)

    @property
    def marked_comment(self) -> str:
        """The comment with the query's fingerprint, which excludes the columns: they follow the table."""
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
            revision=properties.text("Revision", ""),
        )

    def complete(self, spec: ViewSpec, see: See) -> ViewSpec:
        table = see(ShownTable, spec.query.table)
        if table is None:
            raise DefinitionConflictError(
                f"table {spec.query.table} of view {spec.name} does not exist, or the role cannot see it"
            )
        return replace(spec, table=table)

    def require(self, new: ViewSpec, there: ShownView) -> None:
        if found_mark(there.comment, FINGERPRINT) != found_mark(new.marked_comment, FINGERPRINT):
            raise DefinitionConflictError(
                f"view {new.name} exists already and is not the one described here: it reads {there.text}. "
                "Drop it, or choose another name"
            )

    def make(self, new: ViewSpec) -> Sequence[Action]:
        columns, remarks = _listed(new)
        return [sql.CreateView(new.name, new.marked_comment, new.query, columns), *remarks]

    def adopt(self, new: ViewSpec, there: ShownView, see: See) -> Sequence[Action]:
        """A view with the same query is brought up to date."""
        self.require(new, there)
        return self.change(None, new, there)

    def change(self, old: ViewSpec | None, new: ViewSpec, there: ShownView) -> Sequence[Action]:
        if old == new and there.comment == new.marked_comment:
            return []
        columns, remarks = _listed(new)
        return [sql.ReplaceView(new.name, new.marked_comment, new.query, columns), *remarks]

    def after(self, new: ViewSpec, there: ShownView | None) -> ShownView:
        return ShownView(new.marked_comment, "")


def _listed(spec: ViewSpec) -> tuple[tuple[Identifier, ...], list[Remark]]:
    """The columns of the view, and remarks about them.

    Schema evolution makes a column of any field of an event. A name with invisible characters is left out of the
    view, instead of failing a deployment.
    """
    columns: list[Identifier] = []
    remarks: list[Remark] = []
    for name in spec.table.columns:
        try:
            columns.append(Identifier(name))
        except ValueError as error:
            fields = {"object": str(spec.query.table), "column": ascii(name), "reason": str(error)}
            remarks.append(Remark("column left out of the view", fields))
    _require_named(spec.query, columns)
    if spec.table.assumed:
        remarks.append(
            Remark(
                "Columns that loads have added to the table by then are listed, too. Check with --live",
                unknown=True,
            )
        )
    return tuple(columns), remarks


def _require_named(query: FirstArrivals, columns: Sequence[Identifier]) -> None:
    named = (query.key, *query.order, *((query.type_column,) if query.type_column else ()))
    if missing := sorted({column.value for column in named if column not in columns}):
        raise PropertyError(
            f"table {query.table} has no column {', '.join(missing)}; "
            f"it has {', '.join(column.value for column in columns)}"
        )
