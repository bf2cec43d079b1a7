"""The view that analysts query, on the columns that the template names.

Columns that schema evolution adds are in the table, and get into the view when the contract lists them (ADR 0024).
Snowflake would refuse a view on `*` as soon as the table has more columns.

It is recreated only if its query or its columns are not the wanted ones. So the rollback of an update that failed does
not run the statement that has just failed: the view is still as the rollback wants it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from snowflake_setup.objects.actions import Action
from snowflake_setup.objects.dynamic_table import kept_types
from snowflake_setup.objects.look import See
from snowflake_setup.objects.resource import Resource, require_unmanaged
from snowflake_setup.objects.row_query import read_first_arrivals, source_types
from snowflake_setup.objects.view_replacement import ReplaceUnprotected
from snowflake_setup.session.errors import DefinitionConflictError
from snowflake_setup.session.properties import Properties
from snowflake_setup.session.session import Session, described, shown
from snowflake_setup.sql import column_type
from snowflake_setup.sql import view as sql
from snowflake_setup.sql.comment_marks import FINGERPRINT, digest, found_mark, marked
from snowflake_setup.sql.first_arrivals import FirstArrivals, Kept
from snowflake_setup.sql.identifiers import Identifier, ObjectName
from snowflake_setup.sql.sessions import Sessions


@dataclass(frozen=True)
class ViewSpec:
    """The view that shows each event once.

    Attributes:
        columns: in order; those of the table for a template of an earlier version, which names none.
        types: the named columns' types in the table.
    """

    name: ObjectName
    query: FirstArrivals | Kept | Sessions
    comment: str
    columns: tuple[Identifier, ...]
    types: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def marked_comment(self) -> str:
        """The comment with the query's fingerprint, which excludes the columns: they may change."""
        return marked(self.comment, FINGERPRINT, digest(self.query.sql(())))


@dataclass(frozen=True)
class ShownView:
    """A view as SHOW VIEWS and DESC VIEW show it; its text may be hidden from a role that does not own it."""

    comment: str
    types: Mapping[str, str]
    text: str = ""
    owner: str = ""

    @classmethod
    def look(cls, session: Session, name: ObjectName) -> ShownView | None:
        """The view of that name, or None if there is none."""
        row = shown(session, sql.ShowView(name))
        if row is None:
            return None
        columns = described(session, sql.DescribeView(name)) or []
        return cls(
            comment=str(row.get("comment") or ""),
            types={str(column["name"]): str(column["type"]) for column in columns},
            text=str(row.get("text") or ""),
            owner=str(row.get("owner") or ""),
        )

    def is_for(self, spec: ViewSpec) -> bool:
        """True if it was made for the query of `spec`."""
        return found_mark(self.comment, FINGERPRINT) == found_mark(spec.marked_comment, FINGERPRINT)

    def shows(self, types: Mapping[str, str]) -> bool:
        """True if it has these columns with these types."""
        return all(column_type.same(self.types.get(name, ""), wanted) for name, wanted in types.items())


class View(Resource[ViewSpec, ShownView]):
    """`Custom::SnowflakeView`."""

    kind = "VIEW"
    shown = ShownView
    dropped_by = sql.DropView

    def read(self, properties: Properties) -> ViewSpec:
        kept = properties.optional_reference("DynamicTable")
        sessions = properties.optional_reference("SessionsOf")
        return ViewSpec(
            name=properties.object_name(),
            query=Kept(kept) if kept else Sessions(sessions) if sessions else read_first_arrivals(properties),
            comment=properties.text("Comment", ""),
            columns=() if sessions else _columns(properties),
        )

    def complete(self, spec: ViewSpec, see: See) -> ViewSpec:
        if isinstance(spec.query, Sessions):
            return spec
        there = (
            kept_types(spec.query.table, see)
            if isinstance(spec.query, Kept)
            else source_types(spec.query, f"view {spec.name}", spec.columns, see)
        )
        if not spec.columns:
            return replace(spec, columns=_nameable(there))
        types = {column.value: there[column.value] for column in spec.columns}
        return replace(spec, types={**types, **spec.query.types})

    def require(self, new: ViewSpec, there: ShownView) -> None:
        if not there.is_for(new):
            owner = f"role {there.owner}" if there.owner else "another role"
            told = (
                f"it reads {there.text}"
                if there.text
                else f"it belongs to {owner}, which alone sees its text"
            )
            raise DefinitionConflictError(
                f"view {new.name} exists already and is not the one described here: {told}. "
                "Drop it, or choose another name"
            )

    def make(self, new: ViewSpec) -> Sequence[Action]:
        return [sql.CreateView(new.name, new.marked_comment, new.query, new.columns)]

    def adopt(self, new: ViewSpec, there: ShownView, see: See) -> Sequence[Action]:
        """A view with the same query is brought up to date."""
        self.require(new, there)
        require_unmanaged(self.kind, new.name, new.comment, there.comment)
        return self.change(None, new, there)

    def change(self, old: ViewSpec | None, new: ViewSpec, there: ShownView) -> Sequence[Action]:
        shows_all = there.is_for(new) and there.shows(new.types)
        if shows_all and (not new.types or list(there.types) == list(new.types)):
            same = there.comment == new.marked_comment
            return [] if same else [sql.SetViewComment(new.name, new.marked_comment)]
        statement = sql.ReplaceView(new.name, new.marked_comment, new.query, new.columns)
        return [ReplaceUnprotected(statement, only_removes=shows_all and len(there.types) > len(new.types))]

    def after(self, new: ViewSpec, there: ShownView | None) -> ShownView:
        return ShownView(new.marked_comment, new.types)


def _columns(properties: Properties) -> tuple[Identifier, ...]:
    # Templates of an earlier version, to which CloudFormation may roll back, have a Revision instead.
    return () if properties.text("Revision", "") else properties.listed("Columns", Identifier)


def _nameable(there: Iterable[str]) -> tuple[Identifier, ...]:
    """The columns whose names are safe in SQL and in a log."""
    names = []
    for name in there:
        with suppress(ValueError):
            names.append(Identifier(name))
    return tuple(names)
