"""TIMESTAMP_TZ in a query: a value keeps its offset, and is compared by its moment.

Such a column holds text with the offset. A query returns the text, and everything else gets a timestamp of it: the
moment for comparisons, the wall clock for parts of the date.
https://docs.snowflake.com/en/sql-reference/data-types-datetime#timestamp-ltz-timestamp-ntz-timestamp-tz
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from laptop.snowflake.objects import DynamicTable, Table

MOMENT, WALL_CLOCK, TRUNCATED = "MOMENT", "WALL_CLOCK", "TRUNCATED"
# Macros in DuckDB; `t` is text with an offset, or a TIMESTAMPTZ.
MACROS = f"""
CREATE OR REPLACE TEMP MACRO {MOMENT}(t) AS CAST(t AS TIMESTAMPTZ);
CREATE OR REPLACE TEMP MACRO {WALL_CLOCK}(t) AS
    CAST(regexp_replace(CAST(t AS VARCHAR), '(Z|[+-]\\d\\d(:?\\d\\d)?)$', '') AS TIMESTAMP);
CREATE OR REPLACE TEMP MACRO {TRUNCATED}(unit, t) AS
    strftime(date_trunc(unit, {WALL_CLOCK}(t)), '%Y-%m-%d %H:%M:%S.%f')
    || regexp_extract(CAST(t AS VARCHAR), '(Z|[+-]\\d\\d(:?\\d\\d)?)$');
CREATE OR REPLACE TEMP MACRO IS_NULL_VALUE(v) AS json_type(v) = 'NULL';
"""
_WITH_OFFSET = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d(:\d\d)?)"
_ON_WALL_CLOCK = (
    exp.TsOrDsToDate,
    exp.Date,
    exp.Extract,
    exp.Year,
    exp.Month,
    exp.Day,
    exp.Hour,
    exp.Minute,
    exp.Second,
    exp.DayOfWeek,
    exp.DayOfMonth,
    exp.DayOfYear,
    exp.Week,
    exp.Quarter,
    exp.TimeToStr,
    exp.ToChar,
    exp.LastDay,
)
_WITHOUT_ZONE = {exp.DataType.Type.DATE, exp.DataType.Type.TIME, exp.DataType.Type.TIMESTAMPNTZ}


def rewrite_offsets(expression: exp.Expr) -> None:
    """Convert every TIMESTAMP_TZ column that is not just returned, in place; columns must have types."""
    for column in list(expression.find_all(exp.Column)):
        if column.is_type(exp.DataType.Type.TIMESTAMPTZ):
            _rewrite(column)


def give_types(change: exp.Expr, tables: Iterable[Table | DynamicTable]) -> None:
    """Mark the TIMESTAMP_TZ columns that an UPDATE or DELETE reads."""
    names = {
        column.name for table in tables for column in table.columns if column.type.base == "TIMESTAMP_TZ"
    }
    for column in change.find_all(exp.Column):
        assigned = isinstance(column.parent, exp.EQ) and column.parent.parent is change
        if column.name in names and not (assigned and column.arg_key == "this"):
            column.type = exp.DataType.build("timestamptz")


def normalizing(table: str, column: str) -> str:
    """The statement that gives inserted text an offset, in DuckDB; it fails for text that is no time."""
    return (
        f"UPDATE {table} SET {column} = CAST(CAST({column} AS TIMESTAMPTZ) AS VARCHAR) "
        f"WHERE NOT regexp_full_match({column}, '{_WITH_OFFSET}')"
    )


def _rewrite(column: exp.Column) -> None:
    parent = column.parent
    value: exp.Expr = column
    if isinstance(parent, (exp.Max, exp.Min)):
        name = "ARG_MAX" if isinstance(parent, exp.Max) else "ARG_MIN"
        value = exp.Anonymous(this=name, expressions=[column.copy(), _moment(column.copy())])
        parent.replace(value)
    elif isinstance(parent, (exp.TimestampTrunc, exp.DateTrunc)) and column.arg_key == "this":
        unit = exp.Literal.string(parent.args["unit"].name)
        value = exp.Anonymous(this=TRUNCATED, expressions=[unit, column.copy()])
        parent.replace(value)
    elif _on_wall_clock(column):
        column.replace(exp.Anonymous(this=WALL_CLOCK, expressions=[column.copy()]))
        return
    if not _is_returned(value):
        value.replace(_moment(value.copy()))


def _moment(value: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=MOMENT, expressions=[value])


def _on_wall_clock(column: exp.Column) -> bool:
    parent = column.parent
    if isinstance(parent, (exp.Cast, exp.TryCast)):
        return parent.to.this in _WITHOUT_ZONE
    return isinstance(parent, _ON_WALL_CLOCK)


def _is_returned(value: exp.Expr) -> bool:
    """True if a SELECT returns the value as it is, row by row or for all rows."""
    outer = value.parent if isinstance(value.parent, (exp.Alias, exp.Window)) else value
    outer = outer.parent if isinstance(outer.parent, exp.Alias) else outer
    select = outer.parent
    if not isinstance(select, exp.Select) or outer.arg_key != "expressions":
        return False
    # GROUP BY gets the moment of a column or of its truncation; the largest one of a group is no part of it.
    in_groups = isinstance(value, exp.Column) or value.name == TRUNCATED
    grouped = select.args.get("group") is not None and in_groups
    return not (grouped or select.args.get("distinct"))
