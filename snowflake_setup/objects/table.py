"""The table: columns are only added, and it outlives its stack unless OnDelete is `drop`.

Columns are never removed and never change their type: a column no longer in the template keeps its data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from snowflake_setup.objects.actions import Action, Remark
from snowflake_setup.objects.look import See
from snowflake_setup.objects.resource import Resource
from snowflake_setup.session.errors import DefinitionConflictError, PropertyError, UnsafeChangeError
from snowflake_setup.session.properties import Properties
from snowflake_setup.session.session import Session, described
from snowflake_setup.sql import column_type
from snowflake_setup.sql import table as sql
from snowflake_setup.sql.identifiers import ObjectName


@dataclass(frozen=True)
class TableSpec:
    """The table the events arrive in."""

    name: ObjectName
    columns: tuple[sql.Column, ...]
    schema_evolution: bool
    comment: str


@dataclass(frozen=True)
class ShownColumn:
    """A column as DESC TABLE shows it."""

    type: str
    comment: str


@dataclass(frozen=True)
class ShownTable:
    """The columns of a table by name, in order.

    Attributes:
        columns: the columns.
        assumed: whether they were taken from the template, so that loads may have added others.
    """

    columns: Mapping[str, ShownColumn]
    assumed: bool = False

    @classmethod
    def look(cls, session: Session, name: ObjectName) -> ShownTable | None:
        """The table of that name, or None if there is none."""
        rows = described(session, sql.DescribeTable(name))
        if rows is None:
            return None
        return cls(
            {str(row["name"]): ShownColumn(str(row["type"]), str(row.get("comment") or "")) for row in rows}
        )


@dataclass(frozen=True)
class ShownRows:
    """The number of rows of a table, as SHOW TABLES shows it without a warehouse."""

    count: int

    @classmethod
    def look(cls, session: Session, name: ObjectName) -> ShownRows | None:
        """Count the rows of the table of that name; None if there is none."""
        rows = session.execute(sql.ShowTable(name))
        return next((cls(int(row["rows"])) for row in rows if row["name"] == name.name.value), None)


class Table(Resource[TableSpec, ShownTable]):
    """`Custom::SnowflakeTable`."""

    kind = "TABLE"
    shown = ShownTable
    dropped_by = sql.DropTable

    def read(self, properties: Properties) -> TableSpec:
        # OnDelete is checked now, while a mistake can still be corrected.
        properties.choice("OnDelete", ("retain", "drop"), "retain")
        spec = TableSpec(
            name=properties.object_name(),
            columns=properties.each("Columns", _column, at_least=1),
            schema_evolution=properties.flag("SchemaEvolution", default=True),
            comment=properties.text("Comment", ""),
        )
        names = [column.name.value for column in spec.columns]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise PropertyError(f"Columns of table {spec.name} name {', '.join(twice)} more than once")
        return spec

    def require(self, new: TableSpec, there: ShownTable) -> None:
        _require_types(new, there, DefinitionConflictError)
        if missing := _missing(new, there):
            raise DefinitionConflictError(
                f"table {new.name} exists already and lacks {', '.join(f'{c.name.value} {c.type}' for c in missing)}. "
                "Add these columns to it (ALTER TABLE … ADD COLUMN …), or choose another name"
            )

    def make(self, new: TableSpec) -> Sequence[Action]:
        return [sql.CreateTable(new.name, new.columns, new.schema_evolution, new.comment)]

    def adopt(self, new: TableSpec, there: ShownTable, see: See) -> Sequence[Action]:
        """A table with all wanted columns gets the wanted descriptions; an empty one also the columns it lacks.

        A first deployment that failed leaves an empty table, which must not refuse the next one.
        """
        if _missing(new, there) and see(ShownRows, new.name) == ShownRows(0):
            return self.change(None, new, there)
        self.require(new, there)
        return _column_comments(new, there)

    def change(self, old: TableSpec | None, new: TableSpec, there: ShownTable) -> Sequence[Action]:
        """Add new columns, after checking that no type changes."""
        _require_types(new, there, UnsafeChangeError)
        actions: list[Action] = [sql.AddColumn(new.name, column) for column in _missing(new, there)]
        if actions and there.assumed:
            grown = (
                "If a load has added a column by then, only its description is set; if it has another type, the "
                "deployment fails. Check with --live"
            )
            actions.append(Remark(grown, unknown=True))
        if old is None or old.comment != new.comment:
            actions.append(sql.SetTableComment(new.name, new.comment))
        actions += _column_comments(new, there)
        if old is None or old.schema_evolution != new.schema_evolution:
            actions.append(sql.SetSchemaEvolution(new.name, new.schema_evolution))
        if kept := sorted(_names(old) - _names(new)):
            actions.append(
                Remark("columns no longer wanted are kept", {"object": str(new.name), "columns": kept})
            )
        return actions

    def remove(self, name: ObjectName, on_delete: str, see: See) -> Sequence[Action]:
        """Keep it, unless OnDelete is `drop`."""
        if on_delete == "drop":
            return [sql.DropTable(name)]
        return [Remark("table kept", {"object": str(name), "on_delete": on_delete})]

    def after(self, new: TableSpec, there: ShownTable | None) -> ShownTable:
        before = there or ShownTable({})
        ours = {column.name.value: ShownColumn(column.type, column.comment or "") for column in new.columns}
        return replace(before, columns={**before.columns, **ours})

    def assumed(self, deployed: TableSpec) -> ShownTable:
        return replace(self.after(deployed, None), assumed=True)


def _column(properties: Properties) -> sql.Column:
    return sql.Column(
        name=properties.identifier("Name"),
        type=properties.parsed("Type", column_type.checked),
        comment=properties.text("Comment", "") or None,
    )


def _column_comments(new: TableSpec, there: ShownTable) -> list[Action]:
    return [
        sql.SetColumnComment(new.name, column.name, column.comment or "")
        for column in new.columns
        if (shown := there.columns.get(column.name.value)) and shown.comment != (column.comment or "")
    ]


def _require_types(
    spec: TableSpec, there: ShownTable, failure: type[DefinitionConflictError] | type[UnsafeChangeError]
) -> None:
    differing = [
        f"{column.name.value} is {shown.type}, wanted {column.type}"
        for column in spec.columns
        if (shown := there.columns.get(column.name.value))
        and column_type.canonical(shown.type) != column_type.canonical(column.type)
    ]
    if differing:
        raise failure(
            f"table {spec.name} has columns of another type: {'; '.join(differing)}. A column with data is "
            "never changed to another type: keep its type, or add a column of another name"
        )


def _missing(spec: TableSpec, there: ShownTable) -> list[sql.Column]:
    return [column for column in spec.columns if column.name.value not in there.columns]


def _names(spec: TableSpec | None) -> set[str]:
    return {column.name.value for column in spec.columns} if spec else set()
