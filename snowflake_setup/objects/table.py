"""The table: columns are only added, and it outlives its stack unless OnDelete is `drop`.

Columns are never removed: a column no longer in the template keeps its data. `columns` says what becomes of one that is
there with another type.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from snowflake_setup.objects.actions import Action, Remark, Step
from snowflake_setup.objects.columns import ShownColumn, ShownColumns, changes, free_name, renamed, unfit
from snowflake_setup.objects.look import See
from snowflake_setup.objects.resource import Resource
from snowflake_setup.objects.retention import expiring, keep_days, set_retention
from snowflake_setup.session.errors import (
    DefinitionConflictError,
    NotOfferedError,
    PropertyError,
    UnsafeChangeError,
)
from snowflake_setup.session.invocation import Invocation
from snowflake_setup.session.properties import Properties
from snowflake_setup.session.session import Session, described, shown
from snowflake_setup.sql import column_type
from snowflake_setup.sql import table as sql
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.evolved import evolved_columns
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.retention import Expiry


@dataclass(frozen=True)
class TableSpec:
    """The table the events arrive in; without `expiry` all of its rows are kept."""

    name: ObjectName
    columns: tuple[sql.Column, ...]
    schema_evolution: bool
    error_logging: bool
    comment: str
    expiry: Expiry | None = None


@dataclass(frozen=True)
class ShownTable:
    """The columns of a table by name, in order.

    Attributes:
        columns: the columns.
        error_logging: whether it has an error table; None if the account does not show that.
        assumed: whether they were taken from the template, so that loads may have added others.
        expiring: the condition under which rows expire; None if they do not.
    """

    columns: ShownColumns
    error_logging: bool | None = None
    assumed: bool = False
    expiring: str | None = None

    @classmethod
    def look(cls, session: Session, name: ObjectName) -> ShownTable | None:
        """The table of that name, or None if there is none."""
        rows = described(session, sql.DescribeTable(name))
        if rows is None:
            return None
        made_by_loads = {column.name for column in evolved_columns(session.execute(sql.ShowColumns(name)))}
        columns = {str(row["name"]): ShownColumn.read(row, made_by_loads) for row in rows}
        options = shown(session, sql.ShowTable(name)) or {}
        logging = options.get("error_logging")
        on = None if logging is None else logging == "ON"
        return cls(columns, on, expiring=expiring(session, name))


@dataclass(frozen=True)
class ShownRows:
    """The number of rows of a table, as SHOW TABLES shows it without a warehouse."""

    count: int

    @classmethod
    def look(cls, session: Session, name: ObjectName) -> ShownRows | None:
        """Count the rows of the table of that name; None if there is none."""
        row = shown(session, sql.ShowTable(name))
        return cls(int(row["rows"])) if row else None


@dataclass(frozen=True)
class ErrorTable(Step):
    """An error table for the rows that loads refuse; an account that does not offer one goes without."""

    name: ObjectName

    def carry_out(self, invocation: Invocation) -> None:
        try:
            invocation.session.execute(sql.KeepRefusedRows(self.name))
        except NotOfferedError as error:
            invocation.log.warning("refused rows are not kept", object=str(self.name), reason=str(error))

    def preview(self, see: See, invocation: Invocation) -> list[Statement | Remark]:
        return [sql.KeepRefusedRows(self.name)]


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
            # Templates from before error tables do not have it.
            error_logging=properties.flag("ErrorLogging", default=False),
            comment=properties.text("Comment", ""),
            expiry=_expiry(properties),
        )
        names = [column.name.value for column in spec.columns]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise PropertyError(f"Columns of table {spec.name} name {', '.join(twice)} more than once")
        return spec

    def require(self, new: TableSpec, there: ShownTable) -> None:
        _require_all(new, there)
        differing = [
            c for c in new.columns if not column_type.holds(there.columns[c.name.value].type, c.type)
        ]
        _require_fit(new, there, differing, DefinitionConflictError)

    def make(self, new: TableSpec) -> Sequence[Action]:
        table = sql.CreateTable(new.name, new.columns, new.schema_evolution, new.comment)
        logging = [ErrorTable(new.name)] if new.error_logging else []
        return [table, *logging, *set_retention(new.name, new.expiry, None, new.comment, new=True)]

    def adopt(self, new: TableSpec, there: ShownTable, see: See) -> Sequence[Action]:
        """A table with all wanted columns is brought to the wanted state; an empty one also gets columns it lacks.

        A first deployment that failed leaves an empty table, which must not refuse the next one.
        """
        if _missing(new, there) and see(ShownRows, new.name) != ShownRows(0):
            _require_all(new, there)
        _require_fit(new, there, unfit(new.columns, there.columns), DefinitionConflictError)
        _require_loadable(new, there)
        return self.change(None, new, there)

    def change(self, old: TableSpec | None, new: TableSpec, there: ShownTable) -> Sequence[Action]:
        """Bring the columns to the wanted state, after checking that this is possible."""
        _require_fit(new, there, unfit(new.columns, there.columns), UnsafeChangeError)
        actions: list[Action] = [*changes(new.name, new.columns, there.columns)]
        if there.assumed and _missing(new, there):
            grown = (
                "If a load has added a column by then, it is described, and altered or renamed if it has another "
                "type; if it was altered since, the deployment may fail. Check with --live"
            )
            actions.append(Remark(grown, unknown=True))
        if old is None or old.comment != new.comment:
            actions.append(sql.SetTableComment(new.name, new.comment))
        if old is None or old.schema_evolution != new.schema_evolution:
            actions.append(sql.SetSchemaEvolution(new.name, new.schema_evolution))
        has_error_table = there.error_logging
        if has_error_table is None and old is not None:
            has_error_table = old.error_logging
        if new.error_logging and not has_error_table:
            actions.append(ErrorTable(new.name))
        elif has_error_table and not new.error_logging:
            actions.append(sql.DropErrorTable(new.name))
        actions += set_retention(new.name, new.expiry, there.expiring, new.comment)
        if kept := sorted(_names(old) - _names(new)):
            actions.append(
                Remark("columns no longer wanted are kept", {"object": str(new.name), "columns": kept})
            )
        return actions

    def remove(self, name: ObjectName, on_delete: str, see: See) -> Sequence[Action]:
        """Keep it with all of its rows, unless OnDelete is `drop`."""
        there = see(ShownTable, name)
        last = (
            sql.DropTable(name)
            if on_delete == "drop"
            else Remark("table kept", {"object": str(name), "on_delete": on_delete})
        )
        return [*set_retention(name, None, there.expiring if there else None), last]

    def after(self, new: TableSpec, there: ShownTable | None) -> ShownTable:
        before = there or ShownTable({})
        new_names = renamed(new.columns, before.columns)
        kept = {
            new_names[name].value if name in new_names else name: shown
            for name, shown in before.columns.items()
        }
        ours = {column.name.value: ShownColumn(column.type, column.comment or "") for column in new.columns}
        expires = new.expiry.sql() if new.expiry else None
        return replace(before, columns={**kept, **ours}, error_logging=new.error_logging, expiring=expires)

    def assumed(self, deployed: TableSpec) -> ShownTable:
        return replace(self.after(deployed, None), assumed=True)


def _column(properties: Properties) -> sql.Column:
    return sql.Column(
        name=properties.identifier("Name"),
        type=properties.parsed("Type", column_type.checked),
        comment=properties.text("Comment", "") or None,
    )


def _expiry(properties: Properties) -> Expiry | None:
    days = properties.text("KeepDays", "")
    if not properties.text("LoadTime", "") and not days:
        return None
    return Expiry.of_loads(properties.identifier("LoadTime"), properties.parsed("KeepDays", keep_days))


def _require_all(spec: TableSpec, there: ShownTable) -> None:
    if missing := _missing(spec, there):
        raise DefinitionConflictError(
            f"table {spec.name} exists already and lacks {', '.join(f'{c.name.value} {c.type}' for c in missing)}. "
            "Add these columns to it (ALTER TABLE … ADD COLUMN …), or choose another name"
        )


def _require_fit(
    spec: TableSpec,
    there: ShownTable,
    differing: Sequence[sql.Column],
    failure: type[DefinitionConflictError] | type[UnsafeChangeError],
) -> None:
    """Refuse columns of another type, with the statements by which a person keeps their values under another name."""
    if not differing:
        return
    told = [f"{c.name.value} is {there.columns[c.name.value].type}, wanted {c.type}" for c in differing]
    taken = {name.upper() for name in there.columns}
    apart: list[Statement] = []
    for column in differing:
        apart.append(sql.RenameColumn(spec.name, column.name, free_name(column.name, taken)))
        apart.append(sql.AddColumn(spec.name, column))
    raise failure(
        f"table {spec.name} has columns of another type: {'; '.join(told)}. A column with data is never changed to "
        "another type: keep its type, or add a column of another name. To keep its values under another name, and "
        f"use this one for new values, run as the table's owner: {' '.join(f'{one.sql()};' for one in apart)}"
    )


def _require_loadable(spec: TableSpec, there: ShownTable) -> None:
    """Refuse a column that no field fills but every row needs: loads put NULL into columns without a field.

    https://docs.snowflake.com/en/sql-reference/sql/copy-into-table (MATCH_BY_COLUMN_NAME)
    """
    needed = [name for name, c in there.columns.items() if not c.nullable and name not in _names(spec)]
    if needed:
        raise DefinitionConflictError(
            f"table {spec.name} exists already, and its columns {', '.join(needed)} are NOT NULL, but no field fills "
            "them. Run ALTER TABLE … ALTER COLUMN … DROP NOT NULL, or choose another name"
        )


def _missing(spec: TableSpec, there: ShownTable) -> list[sql.Column]:
    return [column for column in spec.columns if column.name.value not in there.columns]


def _names(spec: TableSpec | None) -> set[str]:
    return {column.name.value for column in spec.columns} if spec else set()
