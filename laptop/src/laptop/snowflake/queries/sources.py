"""The tables a query reads: found, checked against the role's grants, and mapped to their DuckDB tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp
from sqlglot.schema import MappingSchema

from laptop.snowflake import errors
from laptop.snowflake.engine import Engine
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import DynamicTable, Table
from laptop.snowflake.session import Session
from laptop.snowflake.tables import SCHEMA

# The catalog of the account's own tables, for the queries behind COPY_HISTORY and the like.
INTERNAL = "$ACCOUNT"
# Marks a table inside a view with the role that reads it.
READ_AS = "read_as"
_INTERNAL_COLUMNS = {
    "LOAD_HISTORY": {
        "LOAD_ID": "VARCHAR",
        "TABLE_ID": "VARCHAR",
        "PIPE_ID": "VARCHAR",
        "FILE_NAME": "VARCHAR",
        "STAGE_LOCATION": "VARCHAR",
        "LAST_LOAD_TIME": "TIMESTAMPLTZ",
        "ROW_COUNT": "BIGINT",
        "ROW_PARSED": "BIGINT",
        "FILE_SIZE": "BIGINT",
        "FIRST_ERROR_MESSAGE": "VARCHAR",
        "FIRST_ERROR_LINE_NUMBER": "BIGINT",
        "FIRST_ERROR_CHARACTER_POS": "BIGINT",
        "FIRST_ERROR_COLUMN_NAME": "VARCHAR",
        "ERROR_COUNT": "BIGINT",
        "ERROR_LIMIT": "BIGINT",
        "STATUS": "VARCHAR",
        "PIPE_RECEIVED_TIME": "TIMESTAMPLTZ",
    },
    "LOAD_ERRORS": {
        "LOAD_ID": "VARCHAR",
        "ERROR": "VARCHAR",
        "LINE": "BIGINT",
        "CHARACTER": "BIGINT",
        "CODE": "BIGINT",
        "COLUMN_NAME": "VARCHAR",
        "ROW_NUMBER": "BIGINT",
    },
    "ERROR_ROWS": {
        "TABLE_ID": "VARCHAR",
        "TIMESTAMP": "TIMESTAMPLTZ",
        "QUERY_ID": "VARCHAR",
        "ERROR_CODE": "BIGINT",
        "ERROR_METADATA": "VARIANT",
        "ERROR_DATA": "VARIANT",
    },
}


@dataclass
class Sources:
    """The tables of one query."""

    tables: dict[Name, Table | DynamicTable] = field(default_factory=dict)

    def schema(self) -> MappingSchema:
        """Column names and types, for qualifying."""
        internal: dict[str, object] = {INTERNAL: {INTERNAL: dict(_INTERNAL_COLUMNS)}}
        schema = MappingSchema(internal, dialect="snowflake", normalize=False)
        for name, table in self.tables.items():
            # As text, a name would be parsed, and `$SET` be a parameter.
            columns: dict[Any, str] = {
                exp.to_identifier(column.name, quoted=True): _type(column.type.base, str(column.type))
                for column in table.columns
            }
            where = exp.table_(name.last, db=name.parts[1], catalog=name.parts[0], quoted=True)
            schema.add_table(where, columns)
        return schema

    def to_physical(self, expression: exp.Expr) -> None:
        """Replace every table by its DuckDB table, under the name that the query uses."""
        for node in list(expression.find_all(exp.Table)):
            parts = tuple(part.name for part in node.parts)
            if len(parts) == 3:
                self._point(node, Name(parts))

    def readable(self, message: str) -> str:
        """A message of DuckDB with the tables' Snowflake names."""
        for name, table in self.tables.items():
            message = message.replace(f"{SCHEMA}.{table.id}", str(name)).replace(table.id, name.last)
        return message

    def _point(self, node: exp.Table, name: Name) -> None:
        internal = name.parts[0] == INTERNAL
        target = name.last.lower() if internal else self.tables[name].id
        node.set("this", exp.to_identifier(target, quoted=True))
        node.set("db", exp.to_identifier("account" if internal else SCHEMA))
        node.set("catalog", None)


def find_sources(
    engine: Engine,
    session: Session,
    expression: exp.Expr,
    *,
    written: exp.Table | None = None,
    privilege: str = "",
) -> Sources:
    """Resolve every table of the query; `written` is the one it changes, which needs `privilege`.

    Raises:
        SnowflakeError: A table is missing, or the role may not read or change it.
    """
    sources = Sources()
    for node, name in named_tables(session, expression):
        needed = privilege if node is written else "SELECT"
        # A view reads with the privileges of its owner.
        role = node.meta.get(READ_AS, session.role)
        if engine.catalog.find(DynamicTable, name) is None:
            sources.tables[Name(name.parts)] = engine.access.usable(role, (needed,), Table, name)
        else:
            sources.tables[Name(name.parts)] = _dynamic(engine, role, name, needed)
        _name(node, name)
    return sources


def _dynamic(engine: Engine, role: str, name: Name, needed: str) -> DynamicTable:
    """The dynamic table, which only refreshes change."""
    if needed != "SELECT":
        raise errors.compilation_error(f"{needed} on a dynamic table is not supported: '{name.last}'")
    return engine.access.usable(role, ("SELECT",), DynamicTable, name)


def named_tables(session: Session, expression: exp.Expr) -> list[tuple[exp.Table, Name]]:
    """The tables and views of the query, with their full names."""
    ctes = {cte.alias.upper() for cte in expression.find_all(exp.CTE)}
    found = []
    for node in expression.find_all(exp.Table):
        parts = tuple(_identifier(part) for part in node.parts)
        if parts[:1] == (INTERNAL,) or (len(parts) == 1 and parts[0].upper() in ctes):
            continue
        if not all(parts):
            raise errors.unsupported("table functions other than COPY_HISTORY and VALIDATE_PIPE_LOAD")
        if "INFORMATION_SCHEMA" in parts[:-1]:
            raise errors.unsupported(f"view INFORMATION_SCHEMA.{parts[-1]}")
        found.append((node, session.resolve(Name(parts), Kind.TABLE, "SELECT")))
    return found


def _name(node: exp.Table, name: Name) -> None:
    if not node.alias:
        node.set("alias", exp.TableAlias(this=exp.to_identifier(name.last, quoted=True)))
    for slot, part in zip(("catalog", "db", "this"), name.parts, strict=True):
        node.set(slot, exp.to_identifier(part, quoted=True))


def _identifier(part: exp.Expr) -> str:
    if not isinstance(part, exp.Identifier):
        return ""
    return part.name if part.args.get("quoted") else part.name.upper()


def _type(base: str, full: str) -> str:
    sqlglot_names = {
        "TIMESTAMP_TZ": "TIMESTAMPTZ",
        "TIMESTAMP_LTZ": "TIMESTAMPLTZ",
        "TIMESTAMP_NTZ": "TIMESTAMPNTZ",
    }
    return sqlglot_names.get(base) or (full if base == "NUMBER" else base)
