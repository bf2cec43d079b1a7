"""The lifecycle of the table: it only ever grows, and it outlives its stack unless told otherwise.

Columns are added, never removed and never retyped: a column the template no longer names keeps its data.
"""

from __future__ import annotations

from snowflake_setup.objects.resource import Resource
from snowflake_setup.objects.specs import TableSpec
from snowflake_setup.session.errors import DefinitionConflictError, UnsafeChangeError
from snowflake_setup.session.properties import Properties
from snowflake_setup.session.tools import Data, Row
from snowflake_setup.sql import column_type
from snowflake_setup.sql.base import Noun
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.table import (
    AddColumn,
    Column,
    CreateTable,
    SetColumnComment,
    SetSchemaEvolution,
    SetTableComment,
)


class Table(Resource[TableSpec]):
    """`Custom::SnowflakeTable`."""

    kind = "TABLE"

    def read(self, properties: Properties) -> TableSpec:
        """The wanted table."""
        return TableSpec.read(properties)

    def create(self, spec: TableSpec) -> Data:
        """Make it, or adopt one that has our columns."""
        rows = self.tools.describe(Noun.TABLE, spec.name)
        if rows is not None:
            return self._adopt(spec, rows)
        statement = CreateTable(spec.name, spec.columns, spec.schema_evolution, spec.comment)
        with self.tools.creating(Noun.TABLE, statement):
            return self._adopt(spec, self.tools.describe_made(Noun.TABLE, spec.name))

    def update(self, old: TableSpec | None, new: TableSpec) -> Data:
        """Add what is new, after making sure that nothing would have to be retyped."""
        rows = self.tools.describe(Noun.TABLE, new.name)
        if rows is None:
            return self.create(new)
        self._require_types(new, rows, UnsafeChangeError)
        for column in _missing(new, rows):
            self.tools.warehouse.execute(AddColumn(new.name, column))
        self._set_comments(old, new)
        if old is None or old.schema_evolution != new.schema_evolution:
            self.tools.warehouse.execute(SetSchemaEvolution(new.name, new.schema_evolution))
        if kept := sorted(_names(old) - _names(new)):
            self.tools.log.info("columns no longer wanted are kept", object=str(new.name), columns=kept)
        return {"FullName": str(new.name)}

    def delete(self, name: ObjectName, on_delete: str) -> None:
        """Keep it, unless the template says drop."""
        if on_delete == "drop":
            self.tools.drop(Noun.TABLE, name)
        else:
            self.tools.log.info("table kept", object=str(name), on_delete=on_delete)

    def _adopt(self, spec: TableSpec, rows: list[Row]) -> Data:
        self._require_types(spec, rows, DefinitionConflictError)
        if missing := _missing(spec, rows):
            raise DefinitionConflictError(
                f"table {spec.name} exists already and lacks {', '.join(f'{c.name.value} {c.type}' for c in missing)}. "
                "Add these columns to it (ALTER TABLE … ADD COLUMN …), or give ours another name"
            )
        return {"FullName": str(spec.name)}

    def _set_comments(self, old: TableSpec | None, new: TableSpec) -> None:
        if old is None or old.comment != new.comment:
            self.tools.warehouse.execute(SetTableComment(new.name, new.comment))
        before = {column.name: column.comment for column in old.columns} if old else {}
        for column in new.columns:
            if column.name in before and before[column.name] != column.comment:
                self.tools.warehouse.execute(SetColumnComment(new.name, column.name, column.comment or ""))

    def _require_types(
        self,
        spec: TableSpec,
        rows: list[Row],
        failure: type[DefinitionConflictError] | type[UnsafeChangeError],
    ) -> None:
        there = _types(rows)
        differing = [
            f"{column.name.value} is {there[column.name.value]}, wanted {column.type}"
            for column in spec.columns
            if column.name.value in there
            and column_type.canonical(there[column.name.value]) != column_type.canonical(column.type)
        ]
        if differing:
            raise failure(
                f"table {spec.name} has columns of another type: {'; '.join(differing)}. A column that holds data is "
                "not retyped: keep its type, or add a column of another name"
            )


def _types(rows: list[Row]) -> dict[str, str]:
    return {str(row["name"]): str(row["type"]) for row in rows}


def _missing(spec: TableSpec, rows: list[Row]) -> list[Column]:
    there = _types(rows)
    return [column for column in spec.columns if column.name.value not in there]


def _names(spec: TableSpec | None) -> set[str]:
    return {column.name.value for column in spec.columns} if spec else set()
