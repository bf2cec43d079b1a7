"""Tables, and views on them with policies and tags."""

from __future__ import annotations

from dataclasses import replace

from snowflake_setup.session.session import Row
from snowflake_setup.sql import view
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import ObjectName
from tests.unit.snowflake_setup.fake_tables import FakeTables


class FakeViews(FakeTables):
    """Each view with the types that its columns had when it was made, and its policies and tags as GET_DDL has them."""

    def __init__(self) -> None:
        super().__init__()
        self.views: dict[ObjectName, view.CreateView | view.ReplaceView] = {}
        self.protections: dict[ObjectName, str] = {}
        self._types: dict[ObjectName, dict[str, str]] = {}

    def view(self, statement: Statement) -> list[Row]:
        """Execute a statement about a view."""
        name = statement.name
        match statement:
            case view.CreateView() | view.ReplaceView():
                self.views[name] = statement
                types = self.tables[statement.query.table]
                shown = {column.value: types[column.value] for column in statement.columns}
                self._types[name] = {**shown, **statement.query.types}
                self.protections.pop(name, None)
            case view.SetViewComment():
                self.views[name] = replace(self.views[name], comment=statement.comment)
            case view.DescribeView():
                return [{"name": column, "type": kind} for column, kind in self._types[name].items()]
            case view.ViewDefinition():
                protection = self.protections.get(name, "")
                return [{"GET_DDL(…)": f"create or replace view X(\n\tA{protection}\n) as SELECT 'TAG (b)';"}]
            case view.ShowView() if there := self.views.get(name):
                return [{"name": name.name.value, "comment": there.comment, "text": there.sql()}]
            case view.ShowView():
                return []
            case other:
                raise NotImplementedError(other)
        return [{"status": "Statement executed successfully."}]
