"""The lifecycle of the view that analysts query: made anew at every update, since it holds nothing but its text.

It lists the columns the table has at that moment. Schema evolution adds columns between deployments; a view on `*`
would then be refused by Snowflake until somebody recreates it, while a list goes on serving the columns it knows and
gets the new ones with the next update. `Revision` is there to bring one about: any change of it does.
"""

from __future__ import annotations

from snowflake_setup.objects.resource import Resource
from snowflake_setup.objects.specs import ViewSpec
from snowflake_setup.session.errors import DefinitionConflictError, PropertyError
from snowflake_setup.session.properties import Properties
from snowflake_setup.session.tools import Data, Row
from snowflake_setup.sql.base import Describe, Noun
from snowflake_setup.sql.identifiers import Identifier, ObjectName
from snowflake_setup.sql.marks import digest, found_mark, marked
from snowflake_setup.sql.view import CreateView, FirstArrivals, ReplaceView, ShowView

_MARK = "def"


class View(Resource[ViewSpec]):
    """`Custom::SnowflakeView`."""

    kind = "VIEW"

    def read(self, properties: Properties) -> ViewSpec:
        """The wanted view."""
        return ViewSpec.read(properties)

    def create(self, spec: ViewSpec) -> Data:
        """Make it, or adopt one with the same definition."""
        row = self._show(spec.name)
        columns = self._columns(spec.query)
        if row is not None:
            _require_ours(spec, row)
            self.tools.warehouse.execute(ReplaceView(spec.name, _comment(spec), spec.query, columns))
            return {"FullName": str(spec.name)}
        statement = CreateView(spec.name, _comment(spec), spec.query, columns)
        with self.tools.creating(Noun.VIEW, statement):
            _require_ours(spec, self._show(spec.name) or {})
        return {"FullName": str(spec.name)}

    def update(self, old: ViewSpec | None, new: ViewSpec) -> Data:
        """Make it anew, with the columns of now."""
        columns = self._columns(new.query)
        self.tools.warehouse.execute(ReplaceView(new.name, _comment(new), new.query, columns))
        return {"FullName": str(new.name)}

    def delete(self, name: ObjectName, on_delete: str) -> None:
        """Drop it; the table keeps its rows."""
        self.tools.drop(Noun.VIEW, name)

    def _show(self, name: ObjectName) -> Row | None:
        def own(row: Row) -> bool:
            return bool(row.get("name") == name.name.value)

        return next(iter(self.tools.warehouse.execute(ShowView(name), keep=own)), None)

    def _columns(self, query: FirstArrivals) -> tuple[Identifier, ...]:
        rows = self.tools.warehouse.execute(Describe(query.table, Noun.TABLE))
        columns = tuple(filter(None, (self._column(query, str(row["name"])) for row in rows)))
        named = (query.key, *query.order, *((query.type_column,) if query.type_column else ()))
        if missing := sorted({column.value for column in named if column not in columns}):
            raise PropertyError(
                f"table {query.table} has no column {', '.join(missing)}; "
                f"it has {', '.join(column.value for column in columns)}"
            )
        return columns

    def _column(self, query: FirstArrivals, name: str) -> Identifier | None:
        """A column of the table; None for one that is left out.

        Schema evolution makes columns of whatever fields events have. A name that hides something is not shown to
        analysts, and whoever sent it must not be able to hold up a deployment either.
        """
        try:
            return Identifier(name)
        except ValueError as error:
            self.tools.log.warning(
                "column left out of the view", object=str(query.table), column=ascii(name), reason=str(error)
            )
            return None


def _fingerprint(spec: ViewSpec) -> str:
    """The same for every list of columns: those follow the table, not the template."""
    return digest(spec.query.sql(()))


def _comment(spec: ViewSpec) -> str:
    return marked(spec.comment, _MARK, _fingerprint(spec))


def _require_ours(spec: ViewSpec, row: Row) -> None:
    if found_mark(row.get("comment"), _MARK) != _fingerprint(spec):
        raise DefinitionConflictError(
            f"view {spec.name} exists already and is not the one described here: it reads {row.get('text')}. "
            "Drop it, or give ours another name"
        )
