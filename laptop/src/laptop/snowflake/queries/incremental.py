"""Queries that a dynamic table can refresh incrementally.

What is not listed as supported is refused, as Snowflake does for REFRESH_MODE = INCREMENTAL: the creation fails.
https://docs.snowflake.com/en/user-guide/dynamic-tables/supported-queries
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from laptop.snowflake import errors

_NEVER: dict[type[exp.Expr], str] = {
    exp.Pivot: "PIVOT and UNPIVOT",
    exp.TableSample: "SAMPLE",
    exp.Except: "EXCEPT and MINUS",
    exp.Intersect: "INTERSECT",
    exp.AnyValue: "ANY_VALUE",
    exp.PercentileCont: "PERCENTILE_CONT",
    exp.PercentileDisc: "PERCENTILE_DISC",
    exp.Median: "MEDIAN",
    exp.Rand: "RANDOM",
    exp.Uuid: "UUID_STRING",
    exp.CurrentUser: "CURRENT_USER",
    exp.Limit: "LIMIT",
}
# Of these, the page allows those of the current time as a part of a filter.
_NOW = (exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentTime)
_OF_THE_SESSION = {
    *("CURRENT_ACCOUNT", "CURRENT_REGION", "CURRENT_ROLE", "CURRENT_WAREHOUSE"),
    *("SEQ1", "SEQ2", "SEQ4", "SEQ8"),
}
_RANKS = (exp.Rank, exp.DenseRank, exp.PercentRank)


def require_incremental(query: exp.Query) -> None:
    """Refuse a query that cannot be refreshed incrementally.

    Raises:
        SnowflakeError: it has a part that is not supported.
    """
    if unsupported := next(_unsupported(query), None):
        raise errors.compilation_error(
            f"Dynamic Tables with REFRESH_MODE = INCREMENTAL do not support {unsupported}."
        )


def _unsupported(query: exp.Query) -> Iterator[str]:
    for node in query.walk():
        if told := next((told for kind, told in _NEVER.items() if isinstance(node, kind)), None):
            yield told
        elif isinstance(node, exp.With) and node.recursive:
            yield "WITH RECURSIVE"
        elif isinstance(node, exp.Anonymous):
            # User-defined functions, and system functions.
            yield f"function {node.name.upper()}"
        elif isinstance(node, exp.Func) and node.sql_name() in _OF_THE_SESSION:
            yield f"function {node.sql_name()}"
        elif isinstance(node, _NOW) and not node.find_ancestor(exp.Where, exp.Having, exp.Qualify):
            yield "the current time outside of WHERE, HAVING and QUALIFY"
        elif isinstance(node, exp.Query) and not _in_from(node):
            yield "subqueries outside of FROM"
        elif isinstance(node, exp.Window) and isinstance(node.this, _RANKS) and node.args.get("spec"):
            yield "ranks with sliding window frames"
        elif isinstance(node, exp.Join):
            yield from _unsupported_join(node)


def _in_from(query: exp.Query) -> bool:
    parent = query.parent
    if isinstance(parent, exp.Subquery):
        parent = parent.parent
    return parent is None or isinstance(parent, (exp.From, exp.Join, exp.CTE, exp.Union))


def _unsupported_join(join: exp.Join) -> Iterator[str]:
    if isinstance(join.this, exp.Lateral) and not isinstance(join.this.this, exp.Explode):
        yield "LATERAL joins without FLATTEN"
    if not join.side:
        return
    condition = join.args.get("on")
    parts = condition.flatten() if isinstance(condition, exp.And) else [condition]
    if condition is not None and not all(isinstance(part, exp.EQ) for part in parts):
        yield "outer joins with other conditions than equality"
