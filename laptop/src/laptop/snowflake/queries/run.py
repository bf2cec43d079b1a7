"""Runs SELECT, INSERT, UPDATE and DELETE."""

from __future__ import annotations

from typing import Any

import duckdb
from sqlglot import exp
from sqlglot.errors import ErrorLevel, UnsupportedError
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers
from sqlglot.optimizer.qualify_columns import quote_identifiers

from laptop.snowflake import errors, results
from laptop.snowflake.commands.use import require_warehouse
from laptop.snowflake.datatypes import DataType, from_duckdb
from laptop.snowflake.engine import Engine
from laptop.snowflake.names import Name, quote
from laptop.snowflake.objects import DynamicTable, Table, now
from laptop.snowflake.parameters import require_autocommit, timezone
from laptop.snowflake.queries.expiring import expired
from laptop.snowflake.queries.flatten import rewrite_flatten
from laptop.snowflake.queries.functions import replace_functions
from laptop.snowflake.queries.information_schema import replace_information_schema
from laptop.snowflake.queries.offsets import give_types, normalizing, rewrite_offsets
from laptop.snowflake.queries.reading import parse_query, qualified
from laptop.snowflake.queries.refusals import refusal
from laptop.snowflake.queries.sources import INTERNAL, Sources, find_sources
from laptop.snowflake.queries.variants import rewrite_variants
from laptop.snowflake.queries.views import expand_views
from laptop.snowflake.results import Result, ResultColumn
from laptop.snowflake.session import Session
from laptop.snowflake.sql.statements import Query
from laptop.snowflake.tables import physical

_CHANGES: dict[type[exp.Expr], tuple[str, str, int]] = {
    exp.Insert: ("INSERT", "number of rows inserted", results.INSERT),
    exp.Update: ("UPDATE", "number of rows updated", results.UPDATE),
    exp.Delete: ("DELETE", "number of rows deleted", results.DELETE),
}


def run_query(engine: Engine, session: Session, statement: Query) -> Result:
    """Run a query in Snowflake's dialect over the rows in DuckDB."""
    expression = parse_query(statement.sql)
    if isinstance(expression, exp.Query):
        return _select(engine, session, expression, on_warehouse=True)
    if type(expression) in _CHANGES:
        return _change(engine, session, expression)
    raise errors.unsupported(f"{expression.key.upper()} statements")


def columns_of(
    engine: Engine, session: Session, sql: str, *, view: Name, named: bool
) -> tuple[ResultColumn, ...]:
    """The columns of a view on this query; `named` if every column must have a name.

    Raises:
        SnowflakeError: It is not a query, the role may not run it, it reads the view itself, or a column has no name.
    """
    query = parse_query(sql)
    if not isinstance(query, exp.Query):
        raise errors.unsupported(f"{query.key.upper()} as a view")
    unnamed = [
        item for item in query.selects if not (item.is_star or isinstance(item, (exp.Column, exp.Alias)))
    ]
    if named and unnamed:
        raise errors.compilation_error("Missing column specification", errno=2026, sqlstate="42601")
    nothing = exp.select("*").from_(query.subquery("Q")).limit(0)
    return _select(engine, session, nothing, inside=(view,)).columns


def _select(
    engine: Engine,
    session: Session,
    query: exp.Query,
    *,
    inside: tuple[Name, ...] = (),
    on_warehouse: bool = False,
) -> Result:
    _label(query)
    replaced = replace_functions(engine, session, query)
    reads_columns = replace_information_schema(engine, session, replaced)
    expand_views(engine, session, replaced, inside=inside)
    sources = find_sources(engine, session, replaced)
    if on_warehouse and (reads_columns or _reads_rows(replaced, sources)):
        require_warehouse(engine, session)
    typed = qualified(replaced, sources)
    in_zone = exp.DataType.Type.TIMESTAMPTZ
    with_zone = {select.alias_or_name for select in typed.selects if select.is_type(in_zone)}
    rewrite_offsets(typed)
    columns, rows = _run(engine, session, sources, typed)
    described = tuple(ResultColumn(name, _type(name, physical, with_zone)) for name, physical in columns)
    return Result(described, rows)


def fill(engine: Engine, session: Session, table: DynamicTable, query: exp.Query) -> None:
    """Replace the rows of a dynamic table by those of the query.

    Raises:
        SnowflakeError: The role may not run it, or it fails.
    """
    replaced = replace_functions(engine, session, query)
    expand_views(engine, session, replaced)
    sources = find_sources(engine, session, replaced)
    typed = qualified(replaced, sources)
    rewrite_offsets(typed)
    frozen = expired(engine, table)
    engine.store.execute(f"DELETE FROM {physical(table)}" + (f" WHERE NOT {frozen}" if frozen else ""))
    _run(engine, session, sources, typed, into=table, where=f"NOT {frozen}" if frozen else "")


def _change(engine: Engine, session: Session, change: exp.Expr) -> Result:
    privilege, label, statement_type = _CHANGES[type(change)]
    require_autocommit(engine.catalog, session, privilege)
    written = change.this.find(exp.Table) if change.this else None
    if written is None:
        raise errors.unsupported(f"{privilege} of this form")
    change = replace_functions(engine, session, change)
    written = change.this.find(exp.Table)
    expand_views(engine, session, change, written=written)
    sources = find_sources(engine, session, change, written=written, privilege=privilege)
    require_warehouse(engine, session)
    table = sources.tables[Name(tuple(part.name for part in written.parts))]
    if isinstance(table, DynamicTable):
        raise TypeError(table.name)
    change = quote_identifiers(normalize_identifiers(change, dialect="snowflake"), dialect="snowflake")
    give_types(change, sources.tables.values())
    rewrite_offsets(change)
    with engine.store.transaction():
        _, rows = _run(engine, session, sources, change)
        _normalize(engine, session, sources, table)
    engine.changed[table.id] = now()
    return Result((ResultColumn(label, results.NUMBER),), rows, statement_type)


def _reads_rows(query: exp.Expr, sources: Sources) -> bool:
    """True if the query reads rows of tables or of the load history, not only SYSTEM$ functions and constants."""
    return bool(sources.tables) or any(node.parts[0].name == INTERNAL for node in query.find_all(exp.Table))


def _normalize(engine: Engine, session: Session, sources: Sources, table: Table) -> None:
    for column in table.columns:
        if column.type.base == "TIMESTAMP_TZ":
            try:
                engine.store.described_rows(
                    normalizing(physical(table), quote(column.name)), timezone(engine.catalog, session)
                )
            except duckdb.Error as error:
                raise refusal(error, sources) from error


def _run(
    engine: Engine,
    session: Session,
    sources: Sources,
    expression: exp.Expr,
    *,
    into: DynamicTable | None = None,
    where: str = "",
) -> tuple[list[tuple[str, str]], list[Any]]:
    rewrite_flatten(expression)
    rewrite_variants(expression)
    _refuse_division_by_zero(expression)
    sources.to_physical(expression)
    try:
        sql = expression.sql("duckdb", copy=False, unsupported_level=ErrorLevel.RAISE)
    except UnsupportedError as error:
        raise errors.unsupported(str(error).splitlines()[0]) from error
    if into is not None:
        kept = f"SELECT * FROM ({sql}) WHERE {where}" if where else sql
        sql = f"INSERT INTO {physical(into)} {kept}"
    try:
        return engine.store.described_rows(sql, timezone(engine.catalog, session))
    except duckdb.Error as error:
        raise refusal(error, sources) from error


def _refuse_division_by_zero(expression: exp.Expr) -> None:
    """DuckDB's quotient is infinite or NULL; Snowflake's is an error."""
    for division in list(expression.find_all(exp.Div, exp.Mod)):
        divisor = division.expression
        if divisor.is_number and divisor.to_py():
            continue
        refused = exp.Anonymous(this="error", expressions=[exp.Literal.string("Division by zero")])
        guarded = exp.case().when(divisor.copy().eq(0), refused).else_(divisor.copy())
        division.set("expression", guarded)


def _label(query: exp.Query) -> None:
    """Name unnamed columns by their text, as Snowflake does."""
    first: exp.Query = query
    while isinstance(first, exp.SetOperation):
        first = first.left
    for select in first.selects:
        if not isinstance(select, (exp.Column, exp.Alias, exp.Star)) and not select.is_star:
            label = select.sql("snowflake").upper()
            select.replace(exp.alias_(select.copy(), label, quoted=True))


def _type(name: str, stored_as: str, with_zone: set[str]) -> DataType:
    # A TIMESTAMP_TZ is text in DuckDB, or a timestamp if it was computed.
    return DataType("TIMESTAMP_TZ") if name in with_zone else from_duckdb(stored_as)
