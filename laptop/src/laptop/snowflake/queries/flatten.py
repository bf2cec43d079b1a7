"""FLATTEN, as a lateral subquery over DuckDB's `json_each`.

https://docs.snowflake.com/en/sql-reference/functions/flatten
"""

from __future__ import annotations

from sqlglot import exp, parse_one

from laptop.snowflake import errors

_COLUMNS = ("SEQ", "KEY", "PATH", "INDEX", "VALUE", "THIS")
# `INPUT` stands for the flattened value.
_ROWS = """
    SELECT NULL, CASE WHEN json_type(INPUT) = 'OBJECT' THEN _item.key END, NULL,
        CASE WHEN json_type(INPUT) = 'ARRAY' THEN CAST(_item.key AS BIGINT) END, _item.value, INPUT
    FROM json_each(INPUT) AS _item WHERE json_type(INPUT) IN ('OBJECT', 'ARRAY')"""


def as_lateral(rows: exp.TableFromRows) -> exp.Lateral:
    """TABLE(FLATTEN(…)) as LATERAL FLATTEN(…), which is the same."""
    alias = rows.args.get("alias")
    named = exp.TableAlias(
        this=alias.this if alias else exp.to_identifier("_FLATTENED"),
        columns=[exp.to_identifier(name) for name in _COLUMNS],
    )
    return exp.Lateral(this=rows.this, alias=named)


def rewrite_flatten(expression: exp.Expr) -> None:
    """Replace every FLATTEN of a query with resolved columns, in place.

    Raises:
        SnowflakeError: It has an argument besides INPUT, or the query reads a column that the stand-in cannot fill.
    """
    for lateral in list(expression.find_all(exp.Lateral)):
        if isinstance(lateral.this, exp.Explode):
            _check_columns(expression, lateral.alias)
            _rewrite(lateral, _input(lateral.this))


def _input(call: exp.Explode) -> exp.Expr:
    given = [call.this, *call.expressions]
    names = [item.this.name.upper() if isinstance(item, exp.Kwarg) else "INPUT" for item in given]
    if names != ["INPUT"]:
        raise errors.unsupported(f"FLATTEN with the arguments {', '.join(names)}; only INPUT is known")
    value: exp.Expr = given[0].expression if isinstance(given[0], exp.Kwarg) else given[0]
    return value


def _check_columns(expression: exp.Expr, alias: str) -> None:
    for column in expression.find_all(exp.Column):
        if column.table == alias and column.name in ("SEQ", "PATH"):
            raise errors.unsupported(f"column {column.name} of FLATTEN; SELECT * reads it, too")
        if column.table == alias and column.name in ("VALUE", "THIS"):
            column.type = exp.DataType.build("VARIANT")


def _rewrite(lateral: exp.Lateral, value: exp.Expr) -> None:
    query = parse_one(_ROWS, read="duckdb")
    for placeholder in list(query.find_all(exp.Column)):
        if placeholder.name == "INPUT":
            placeholder.replace(value.copy())
    rows = exp.Lateral(this=exp.Subquery(this=query), alias=lateral.args["alias"])
    if lateral.arg_key == "laterals":  # after a comma
        select = lateral.parent
        lateral.pop()
        if select:
            select.append("joins", exp.Join(this=rows, kind="CROSS"))
    else:
        lateral.replace(rows)
