"""Values of VARIANTs and their paths: `"PROPERTIES":status::int` in DuckDB's terms."""

from __future__ import annotations

from sqlglot import exp

from laptop.snowflake import errors

_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.ILike, exp.In, exp.Between)
_SEMI_STRUCTURED = ("VARIANT", "OBJECT", "ARRAY", "JSON")


def rewrite_variants(expression: exp.Expr) -> None:
    """Convert values to text where Snowflake would compare or convert them.

    Raises:
        SnowflakeError: The query orders uncast variants, which DuckDB would order by their text.
    """
    for node in list(expression.find_all(exp.Min, exp.Max, exp.Ordered, exp.Sum, exp.Avg)):
        if _is_variant(node.this):
            raise errors.unsupported("ordering or adding up a VARIANT without a cast, e.g. ::number")
    for value in list(filter(_is_variant, expression.find_all(exp.JSONExtract, exp.Column))):
        parent = value.parent
        if isinstance(parent, exp.Cast):
            if parent.to.this.name not in _SEMI_STRUCTURED:
                value.replace(_text(value))
        elif isinstance(parent, _COMPARISONS):
            value.replace(_comparable(value, parent))
        elif isinstance(parent, (exp.Lower, exp.Upper, exp.Concat, exp.Substring, exp.Trim, exp.Replace)):
            value.replace(_text(value))


def _is_variant(node: exp.Expr) -> bool:
    return isinstance(node, exp.JSONExtract) or (
        isinstance(node, exp.Column) and node.is_type(exp.DataType.Type.VARIANT)
    )


def _text(value: exp.Expr) -> exp.Expr:
    whole = exp.JSONPath(expressions=[exp.JSONPathRoot()])
    path = (value.this, value.expression) if isinstance(value, exp.JSONExtract) else (value, whole)
    return exp.Paren(this=exp.JSONExtractScalar(this=path[0].copy(), expression=path[1].copy()))


def _comparable(value: exp.Expr, comparison: exp.Expr) -> exp.Expr:
    others = [node for node in comparison.iter_expressions() if node is not value]
    if others and all(_is_number(node) for node in others):
        return exp.cast(_text(value), "DOUBLE")
    return _text(value)


def _is_number(node: exp.Expr) -> bool:
    return node.is_number or (node.type is not None and node.type.this in exp.DataType.NUMERIC_TYPES)
