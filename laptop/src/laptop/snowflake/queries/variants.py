"""VARIANT paths: `"PROPERTIES":status::int` in DuckDB's terms."""

from __future__ import annotations

from sqlglot import exp

from laptop.snowflake import errors

_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.ILike, exp.In, exp.Between)
_SEMI_STRUCTURED = ("VARIANT", "OBJECT", "ARRAY", "JSON")


def rewrite_variants(expression: exp.Expr) -> None:
    """Convert paths to text where Snowflake would compare or convert their value.

    Raises:
        SnowflakeError: The query orders uncast variants, which DuckDB would order by their text.
    """
    for node in list(expression.find_all(exp.Min, exp.Max, exp.Ordered, exp.Sum, exp.Avg)):
        if isinstance(node.this, exp.JSONExtract):
            raise errors.unsupported("ordering or adding up a VARIANT without a cast, e.g. ::number")
    for path in list(expression.find_all(exp.JSONExtract)):
        parent = path.parent
        if isinstance(parent, exp.Cast):
            if parent.to.this.name not in _SEMI_STRUCTURED:
                path.replace(_text(path))
        elif isinstance(parent, _COMPARISONS):
            path.replace(_comparable(path, parent))
        elif isinstance(parent, (exp.Lower, exp.Upper, exp.Concat, exp.Substring, exp.Trim, exp.Replace)):
            path.replace(_text(path))


def _text(path: exp.JSONExtract) -> exp.Expr:
    return exp.Paren(this=exp.JSONExtractScalar(this=path.this.copy(), expression=path.expression.copy()))


def _comparable(path: exp.JSONExtract, comparison: exp.Expr) -> exp.Expr:
    others = [node for node in comparison.iter_expressions() if node is not path]
    if others and all(_is_number(node) for node in others):
        return exp.cast(_text(path), "DOUBLE")
    return _text(path)


def _is_number(node: exp.Expr) -> bool:
    return node.is_number or (node.type is not None and node.type.this in exp.DataType.NUMERIC_TYPES)
