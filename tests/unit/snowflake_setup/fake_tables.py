"""Tables with their columns, to which loads add some."""

from __future__ import annotations

from snowflake_setup.session.session import Row
from snowflake_setup.sql import retention, table
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.table import Column

RECORD = '{"evolutionType":"ADD_COLUMN","evolutionMode":"SNOWPIPE"}'


class FakeTables:
    """The columns of each table: type, description, policy, and whether one may be empty or was made by a load."""

    def __init__(self) -> None:
        self.tables: dict[ObjectName, dict[str, str]] = {}
        self.comments: dict[tuple[ObjectName, str], str] = {}
        self.policies: dict[tuple[ObjectName, str], str] = {}
        self.not_null: set[tuple[ObjectName, str]] = set()
        self.error_tables: set[ObjectName] = set()
        # The condition of each storage lifecycle policy, and the table that each is attached to.
        self.conditions: dict[ObjectName, str] = {}
        self.attached: dict[ObjectName, ObjectName] = {}
        self.shows_error_tables = True
        self._evolving: set[ObjectName] = set()
        self._evolved: set[tuple[ObjectName, str]] = set()

    def evolve(self, name: ObjectName, column: str, kind: str) -> None:
        """Add a column as a load does, unless the table has it."""
        if name in self._evolving and column not in self.tables[name]:
            self.tables[name][column] = kind
            self._evolved.add((name, column))

    def columns(self, name: ObjectName) -> list[Row]:
        """The rows of DESC TABLE."""
        return [
            {
                "name": column,
                "type": kind,
                "null?": "N" if (name, column) in self.not_null else "Y",
                "comment": self.comments.get((name, column)) or None,
                "policy name": self.policies.get((name, column)),
            }
            for column, kind in self.tables[name].items()
        ]

    def table(self, statement: Statement) -> list[Row]:
        """Execute a statement about a table or its columns."""
        match statement:
            case table.CreateTable(name=name):
                self.tables[name] = {}
                self.error_tables.discard(name)
                for column in statement.columns:
                    self._add(name, column)
                self._set_evolving(name, statement.schema_evolution)
            case table.AddColumn(name=name, column=column):
                self._add(name, column)
            case table.SetSchemaEvolution(name=name):
                self._set_evolving(name, statement.enabled)
            case table.KeepRefusedRows(name=name):
                self.error_tables.add(name)
            case table.DropErrorTable(name=name):
                self.error_tables.discard(name)
            case table.ShowColumns(name=name):
                evolved = {column for of, column in self._evolved if of == name}
                return [
                    {"column_name": column, "schema_evolution_record": RECORD if column in evolved else None}
                    for column in self.tables[name]
                ]
            case _:
                self._alter(statement)
        return [{"status": "Statement executed successfully."}]

    def retention(self, statement: Statement) -> list[Row]:
        """Execute a statement about storage lifecycle policies."""
        match statement:
            case retention.CreatePolicy(name=name) if name in self.conditions:
                return [{"status": f"{name} already exists, statement succeeded."}]
            case (
                retention.CreatePolicy(name=name, expiry=expiry)
                | retention.SetPolicyBody(name=name, expiry=expiry)
            ):
                self.conditions[name] = expiry.sql()
            case retention.AttachPolicy(name=name, policy=policy):
                assert name not in self.attached.values()
                self.attached[policy] = name
            case retention.DetachPolicy(name=name):
                self.attached = {policy: of for policy, of in self.attached.items() if of != name}
            case retention.DropPolicy(name=name):
                assert name not in self.attached
                self.conditions.pop(name, None)
            case retention.AttachedPolicies(name=name):
                parts = [
                    [part.value for part in policy.parts]
                    for policy, of in self.attached.items()
                    if of == name
                ]
                return [
                    dict(zip(("policy_db", "policy_schema", "policy_name"), each, strict=True))
                    for each in parts
                ]
            case other:
                raise NotImplementedError(other)
        return [{"status": "Statement executed successfully."}]

    def _add(self, name: ObjectName, column: Column) -> None:
        self.tables[name][column.name.value] = column.type
        self.comments[name, column.name.value] = column.comment or ""

    def _set_evolving(self, name: ObjectName, enabled: bool) -> None:
        (self._evolving.add if enabled else self._evolving.discard)(name)

    def _alter(self, statement: Statement) -> None:
        """Alter a column, which deletes its record of schema evolution."""
        name, columns = statement.name, self.tables[statement.name]
        match statement:
            case table.SetColumnType(column=column):
                altered = column.name.value
                columns[altered] = column.type
            case table.SetColumnComment():
                altered = statement.column.value
                self.comments[name, altered] = statement.comment
            case table.DropNotNull():
                altered = statement.column.value
                self.not_null.discard((name, altered))
            case table.RenameColumn(to=to):
                altered = statement.column.value
                assert to.value not in columns
                columns[to.value] = columns.pop(altered)
                self.comments[name, to.value] = self.comments.pop((name, altered), "")
            case other:
                raise NotImplementedError(other)
        self._evolved.discard((name, altered))
