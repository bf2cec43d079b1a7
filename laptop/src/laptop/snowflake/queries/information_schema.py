"""INFORMATION_SCHEMA.COLUMNS in a query. https://docs.snowflake.com/en/sql-reference/info-schema/columns."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from laptop.snowflake import errors
from laptop.snowflake.engine import Engine
from laptop.snowflake.objects import Table, View
from laptop.snowflake.session import Session

_SCHEMA = "INFORMATION_SCHEMA"
_COLUMNS = {
    "TABLE_CATALOG": "VARCHAR",
    "TABLE_SCHEMA": "VARCHAR",
    "TABLE_NAME": "VARCHAR",
    "COLUMN_NAME": "VARCHAR",
    "ORDINAL_POSITION": "NUMBER",
    "COLUMN_DEFAULT": "VARCHAR",
    "IS_NULLABLE": "VARCHAR",
    "DATA_TYPE": "VARCHAR",
    "CHARACTER_MAXIMUM_LENGTH": "NUMBER",
    "NUMERIC_PRECISION": "NUMBER",
    "NUMERIC_SCALE": "NUMBER",
    "IS_IDENTITY": "VARCHAR",
    "IDENTITY_GENERATION": "VARCHAR",
    "IDENTITY_START": "VARCHAR",
    "IDENTITY_INCREMENT": "VARCHAR",
    "IDENTITY_CYCLE": "VARCHAR",
    "IDENTITY_ORDERED": "VARCHAR",
    "DATA_TYPE_ALIAS": "VARCHAR",
    "COMMENT": "VARCHAR",
    "SCHEMA_EVOLUTION_RECORD": "VARCHAR",
}


_NO_IDENTITY = (None,) * 5


def replace_information_schema(engine: Engine, session: Session, expression: exp.Expr) -> bool:
    """Replace the view by its rows, in place; return True if the query reads it, which takes a warehouse.

    Raises:
        SnowflakeError: It is another view of that schema, or the session has no database.
    """
    found = [node for node in expression.find_all(exp.Table) if node.db.upper() == _SCHEMA]
    for node in found:
        if node.name.upper() != "COLUMNS":
            raise errors.unsupported(f"view {_SCHEMA}.{node.name}")
        catalog = node.args.get("catalog")
        name = catalog.name if catalog and catalog.args.get("quoted") else node.catalog.upper()
        database = name or session.database
        if database is None:
            raise errors.no_current("database", "SELECT")
        node.replace(_rows(engine, session, database).subquery(node.alias or "COLUMNS", copy=False))
    return bool(found)


def _rows(engine: Engine, session: Session, database: str) -> exp.Query:
    described: list[Table | View] = [*engine.catalog.all(Table), *engine.catalog.all(View)]
    rows = [
        values
        for entity in described
        if entity.name.session in (0, session.id)
        and entity.name.parts[0] == database
        and engine.access.sees(session.role, entity)
        for values in _of(entity)
    ]
    selects = [exp.select(*_named(values)) for values in rows]
    nothing = exp.select(*_named((None,) * len(_COLUMNS))).where(exp.false())
    query: exp.Query = nothing
    for select in selects:
        query = exp.union(query, select, distinct=False, copy=False)
    return query


def _named(values: tuple[Any, ...]) -> list[exp.Expr]:
    return [
        exp.alias_(exp.cast(exp.convert(value), type_), name, quoted=True)
        for (name, type_), value in zip(_COLUMNS.items(), values, strict=True)
    ]


def _of(entity: Table | View) -> list[tuple[Any, ...]]:
    return [
        (
            *entity.name.parts,
            column.name,
            position,
            None,
            "YES" if column.nullable else "NO",
            {"VARCHAR": "TEXT"}.get(column.type.base, column.type.base),
            column.type.length if column.type.base == "VARCHAR" else None,
            column.type.precision if column.type.base == "NUMBER" else None,
            column.type.scale if column.type.base == "NUMBER" else None,
            "NO",
            *_NO_IDENTITY,
            None,
            column.comment,
            column.schema_evolution_record,
        )
        for position, column in enumerate(entity.columns, start=1)
    ]
