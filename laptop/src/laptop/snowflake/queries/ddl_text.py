"""GET_DDL: the statement that would create an object again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from laptop.snowflake import errors
from laptop.snowflake.engine import Engine
from laptop.snowflake.names import Kind, Name, quote_if_needed
from laptop.snowflake.objects import ENTITIES, Pipe, Table, View
from laptop.snowflake.session import Session
from laptop.snowflake.sql.reader import parse_name


def get_ddl(engine: Engine, session: Session, kind: str, name: str, *, full_names: bool) -> str:
    """The text for a pipe, table or view.

    Raises:
        SnowflakeError: The object is not there, or of a kind the stand-in has no text for.
    """
    found = next((known for known in _WRITERS if known.value == kind.upper()), None)
    if found is None:
        raise errors.unsupported(f"GET_DDL of {kind}; there is one for {', '.join(_WRITERS)}")
    full = session.resolve(parse_name(name), found, "GET_DDL")
    if found is Kind.TABLE and engine.catalog.find(View, full) is not None:
        found = Kind.VIEW
    entity = engine.access.visible(session.role, ENTITIES[found], full)
    return _WRITERS[found](entity, str(full if full_names else Name(full.parts[-1:])))


def _pipe(pipe: Pipe, name: str) -> str:
    auto_ingest = " auto_ingest=true" if pipe.auto_ingest else ""
    return f"create or replace pipe {name}{auto_ingest}{_comment(pipe.comment)} as {pipe.definition};"


def _table(table: Table, name: str) -> str:
    columns = [
        f"\t{quote_if_needed(column.name)} {column.type}"
        f"{'' if column.nullable else ' NOT NULL'}{_comment(column.comment, sign=' ')}"
        for column in table.columns
    ]
    evolution = " ENABLE_SCHEMA_EVOLUTION=TRUE" if table.enable_schema_evolution else ""
    return f"create or replace TABLE {name} (\n{_lines(columns)}\n){evolution}{_comment(table.comment)};"


def _view(view: View, name: str) -> str:
    columns = [
        f"\t{quote_if_needed(column.name)}{_comment(column.comment, sign=' ')}" for column in view.columns
    ]
    return f"create or replace view {name}(\n{_lines(columns)}\n){_comment(view.comment)} as {view.query};"


def _lines(items: list[str]) -> str:
    return ",\n".join(items)


def _comment(text: str | None, *, sign: str = "=") -> str:
    if not text:
        return ""
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f" COMMENT{sign}'{escaped}'"


_WRITERS: dict[Kind, Callable[[Any, str], str]] = {Kind.PIPE: _pipe, Kind.TABLE: _table, Kind.VIEW: _view}
