"""ERROR_TABLE(base_table) in a query.

https://docs.snowflake.com/en/user-guide/data-engineering/error-tables
"""

from __future__ import annotations

from sqlglot import exp, parse_one

from laptop.snowflake import errors
from laptop.snowflake.engine import Engine
from laptop.snowflake.names import Kind, Name, literal
from laptop.snowflake.objects import Table
from laptop.snowflake.queries.sources import INTERNAL
from laptop.snowflake.session import Session


def replace_error_tables(engine: Engine, session: Session, expression: exp.Expr) -> None:
    """Replace each ERROR_TABLE(…) by its rows, in place.

    Raises:
        SnowflakeError: the role neither owns the base table nor has SELECT ERROR TABLE on it, or it has no error table.
    """
    for node in list(expression.find_all(exp.Table)):
        call = node.this
        if isinstance(call, exp.Anonymous) and call.name.upper() == "ERROR_TABLE":
            node.replace(_rows(engine, session, call).subquery(node.alias or "ERROR_TABLE", copy=False))


def _rows(engine: Engine, session: Session, call: exp.Anonymous) -> exp.Query:
    given = call.expressions
    if len(given) != 1 or not isinstance(given[0], exp.Column):
        raise errors.compilation_error("ERROR_TABLE needs a table's name", errno=1003, sqlstate="42000")
    parts = tuple(part.name if part.args.get("quoted") else part.name.upper() for part in given[0].parts)
    name = session.resolve(Name(parts), Kind.TABLE, "ERROR_TABLE")
    table = engine.access.usable(session.role, ("SELECT ERROR TABLE",), Table, name)
    require_error_table(table)
    query = parse_one(
        f'SELECT "TIMESTAMP", QUERY_ID, ERROR_CODE, ERROR_METADATA, ERROR_DATA '
        f'FROM "{INTERNAL}"."{INTERNAL}".ERROR_ROWS WHERE TABLE_ID = {literal(table.id)}',
        read="snowflake",
    )
    if not isinstance(query, exp.Query):
        raise TypeError(type(query))
    return query


def require_error_table(table: Table) -> None:
    """Refuse a table without one. That it is refused is reported of accounts; number and words are not known.

    Raises:
        SnowflakeError: error logging is not turned on.
    """
    if table.error_logging_since is None:
        raise errors.compilation_error(f"Error logging is not turned on for table '{table.name.last}'.")
