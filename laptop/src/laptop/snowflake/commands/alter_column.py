"""ALTER TABLE: columns."""

from __future__ import annotations

from collections.abc import Callable

from laptop.snowflake import errors
from laptop.snowflake.datatypes import DataType
from laptop.snowflake.engine import Engine
from laptop.snowflake.names import Kind
from laptop.snowflake.objects import Column, Table
from laptop.snowflake.results import Result, status
from laptop.snowflake.session import Session
from laptop.snowflake.sql.statements import (
    AddColumns,
    AllowNulls,
    CommentColumn,
    RenameColumn,
    RetypeColumn,
)

_DONE = "Statement executed successfully."


def add_columns(engine: Engine, session: Session, statement: AddColumns) -> Result:
    """Add columns to a table."""
    table = _table(engine, session, statement)
    if table is None:
        return status(_DONE)
    new = tuple(column for column in statement.columns if table.column(column.name) is None)
    if len(new) < len(statement.columns) and not statement.if_not_exists:
        known = next(column.name for column in statement.columns if table.column(column.name))
        raise _already_exists(known)
    engine.tables.add_columns(table, new)
    engine.catalog.put(table.model_copy(update={"columns": (*table.columns, *new)}))
    return status(_DONE)


def comment_column(engine: Engine, session: Session, statement: CommentColumn) -> Result:
    """Set a column's comment."""

    def change(table: Table, column: Column) -> Column:
        return column.model_copy(update={"comment": statement.comment})

    return _change(engine, session, statement, change)


def retype_column(engine: Engine, session: Session, statement: RetypeColumn) -> Result:
    """Widen a column's type."""

    def change(table: Table, column: Column) -> Column:
        _check_wider(column, statement.type)
        engine.tables.retype(table, column.name, statement.type)
        return column.model_copy(update={"type": statement.type})

    return _change(engine, session, statement, change)


def allow_nulls(engine: Engine, session: Session, statement: AllowNulls) -> Result:
    """Drop NOT NULL from a column."""

    def change(table: Table, column: Column) -> Column:
        engine.tables.allow_nulls(table, (column,))
        return column.model_copy(update={"nullable": True})

    return _change(engine, session, statement, change)


def rename_column(engine: Engine, session: Session, statement: RenameColumn) -> Result:
    """Rename a column; views and pipes that use the old name break."""

    def change(table: Table, column: Column) -> Column:
        if table.column(statement.new_name):
            raise _already_exists(statement.new_name)
        engine.tables.rename(table, column.name, statement.new_name)
        return column.model_copy(update={"name": statement.new_name})

    return _change(engine, session, statement, change)


def _change(
    engine: Engine,
    session: Session,
    statement: CommentColumn | RetypeColumn | AllowNulls | RenameColumn,
    change: Callable[[Table, Column], Column],
) -> Result:
    table = _table(engine, session, statement)
    if table is None:
        return status(_DONE)
    column = table.column(statement.column)
    if column is None:
        raise errors.invalid_identifier(statement.column)
    # A column that is changed by hand loses the record of its evolution:
    # https://docs.snowflake.com/en/user-guide/data-load-schema-evolution#usage-notes
    changed = change(table, column).model_copy(update={"schema_evolution_record": None})
    columns = tuple(changed if item is column else item for item in table.columns)
    engine.catalog.put(table.model_copy(update={"columns": columns}))
    return status(_DONE)


def _table(
    engine: Engine,
    session: Session,
    statement: AddColumns | CommentColumn | RetypeColumn | AllowNulls | RenameColumn,
) -> Table | None:
    name = session.resolve(statement.name, Kind.TABLE, "ALTER TABLE")
    if statement.if_exists and engine.catalog.find(Table, name) is None:
        return None
    return engine.access.owned(session.role, Table, name)


def _already_exists(column: str) -> errors.SnowflakeError:
    return errors.compilation_error(f"column '{column}' already exists", errno=1430, sqlstate="42601")


def _check_wider(column: Column, new: DataType) -> None:
    """Refuse all but more digits at the same scale, and longer texts.

    https://docs.snowflake.com/en/sql-reference/sql/alter-table-column
    """
    old, reason = column.type, ""
    match old.base, new.base:
        case "NUMBER", "NUMBER" if old.scale == new.scale and new.precision < old.precision:
            # Snowflake does so if all values fit.
            raise errors.unsupported(f"fewer digits for column {column.name}: {old} to {new}")
        case "NUMBER", "NUMBER" if old.scale != new.scale:
            reason = " because changing the scale of a number is not supported."
        case "VARCHAR", "VARCHAR" if new.length < old.length:
            reason = " because reducing the byte-length of a varchar is not supported."
        case same, other if same == other:
            return
    text = f"cannot change column {column.name} from type {old} to {new}{reason}"
    raise errors.compilation_error(text, errno=2108, sqlstate="22000")
