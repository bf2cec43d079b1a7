"""CREATE and ALTER."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from laptop.snowflake import errors
from laptop.snowflake.datatypes import DataType, make_type
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import Column
from laptop.snowflake.sql.copying import read_copy
from laptop.snowflake.sql.kinds import read_kind
from laptop.snowflake.sql.policies import read_new_policy, read_policy_change
from laptop.snowflake.sql.properties import Fields, lookup, read_fields
from laptop.snowflake.sql.protecting import read_authentication_policy, read_protection
from laptop.snowflake.sql.reader import Reader
from laptop.snowflake.sql.statements import (
    AddColumns,
    AllowNulls,
    Alter,
    CommentColumn,
    Create,
    CreateDynamicTable,
    CreatePipe,
    CreateTable,
    CreateView,
    OperateDynamicTable,
    RefreshPipe,
    RenameColumn,
    RetypeColumn,
    Statement,
    TruncateErrorTable,
    ViewColumn,
)


def read_create(reader: Reader) -> Create:
    """CREATE [OR REPLACE] kind [IF NOT EXISTS] name …."""
    or_replace = reader.accept("OR", "REPLACE")
    temporary = reader.accept("TEMPORARY") or reader.accept("TEMP")
    kind = read_kind(reader, "CREATE")
    if temporary and kind is not Kind.TABLE:
        raise errors.unsupported(f"a temporary {kind.lower()}")
    if_not_exists = reader.accept("IF", "NOT", "EXISTS")
    if or_replace and if_not_exists:
        raise errors.compilation_error(
            "options IF NOT EXISTS and OR REPLACE are incompatible.", errno=1402, sqlstate="42601"
        )
    name = reader.name()
    if kind is Kind.TABLE:
        return _read_create_table(reader, name, or_replace, if_not_exists, temporary)
    if kind is Kind.PIPE:
        return _read_create_pipe(reader, name, or_replace, if_not_exists)
    if kind is Kind.VIEW:
        return _read_create_view(reader, name, or_replace, if_not_exists)
    if kind is Kind.DYNAMIC_TABLE:
        return _read_create_dynamic_table(reader, name, or_replace, if_not_exists)
    if kind is Kind.STORAGE_LIFECYCLE_POLICY:
        return Create(kind, name, or_replace, if_not_exists, read_new_policy(reader))
    managed = kind is Kind.SCHEMA and reader.accept("WITH", "MANAGED", "ACCESS")
    fields = {**read_fields(reader, kind), **({"managed_access": True} if managed else {})}
    return Create(kind, name, or_replace, if_not_exists, fields)


def _read_create_table(
    reader: Reader, name: Name, or_replace: bool, if_not_exists: bool, temporary: bool
) -> CreateTable:
    if not reader.accept("("):
        raise errors.unsupported("CREATE TABLE without a column list")
    columns = [_read_column(reader)]
    while reader.accept(","):
        columns.append(_read_column(reader))
    reader.expect(")")
    fields = read_fields(reader, Kind.TABLE)
    return CreateTable(Kind.TABLE, name, or_replace, if_not_exists, fields, tuple(columns), temporary)


def _read_column(reader: Reader) -> Column:
    name = reader.identifier()
    datatype = _read_type(reader)
    nullable, comment = True, None
    while not (reader.sees(",") or reader.sees(")") or reader.at_end()):
        if reader.accept("NOT", "NULL"):
            nullable = False
        elif reader.accept("COMMENT"):
            comment = reader.string()
        elif not reader.accept("NULL"):
            raise errors.unsupported(f"column option {reader.peek().value.upper()}")
    return Column(name=name, type=datatype, nullable=nullable, comment=comment)


def _read_type(reader: Reader) -> DataType:
    word = reader.identifier()
    if word == "DOUBLE":
        reader.accept("PRECISION")
    arguments: list[int] = []
    if reader.accept("("):
        arguments.append(reader.integer())
        while reader.accept(","):
            arguments.append(reader.integer())
        reader.expect(")")
    return make_type(word, tuple(arguments))


def _read_create_pipe(reader: Reader, name: Name, or_replace: bool, if_not_exists: bool) -> CreatePipe:
    fields = read_fields(reader, Kind.PIPE, stop="AS")
    if "execution_paused" in fields:
        raise errors.invalid_property("PIPE_EXECUTION_PAUSED", "PIPE")
    reader.expect("AS")
    definition = reader.rest()
    copy = read_copy(reader, for_pipe=True)
    return CreatePipe(Kind.PIPE, name, or_replace, if_not_exists, fields, definition, copy)


def _read_create_view(reader: Reader, name: Name, or_replace: bool, if_not_exists: bool) -> CreateView:
    columns: list[ViewColumn] = []
    if reader.accept("("):
        columns.append(_read_view_column(reader))
        while reader.accept(","):
            columns.append(_read_view_column(reader))
        reader.expect(")")
    copy_grants = reader.accept("COPY", "GRANTS")
    fields = read_fields(reader, Kind.VIEW, stop="AS")
    reader.expect("AS")
    query, text = reader.take_rest(), reader.sql.strip()
    return CreateView(
        Kind.VIEW, name, or_replace, if_not_exists, fields, tuple(columns), copy_grants, query, text
    )


def _read_create_dynamic_table(
    reader: Reader, name: Name, or_replace: bool, if_not_exists: bool
) -> CreateDynamicTable:
    fields: Fields = {}
    cluster_by: list[str] = []
    copy_grants = False
    while not reader.accept("AS"):
        fields |= read_fields(reader, Kind.DYNAMIC_TABLE, stop=("CLUSTER", "COPY", "AS"))
        copy_grants = reader.accept("COPY", "GRANTS") or copy_grants
        if reader.accept("CLUSTER", "BY", "("):
            cluster_by.append(reader.identifier())
            while reader.accept(","):
                cluster_by.append(reader.identifier())
            reader.expect(")")
    query, text = reader.take_rest(), reader.sql.strip()
    return CreateDynamicTable(
        Kind.DYNAMIC_TABLE,
        name,
        or_replace,
        if_not_exists,
        fields,
        tuple(cluster_by),
        copy_grants,
        query,
        text,
    )


def _read_view_column(reader: Reader) -> ViewColumn:
    name = reader.identifier()
    return ViewColumn(name, reader.string() if reader.accept("COMMENT") else None)


_OPERATIONS: tuple[Literal["REFRESH", "SUSPEND", "RESUME"], ...] = ("REFRESH", "SUSPEND", "RESUME")


def read_alter(reader: Reader) -> Statement:
    """ALTER kind [IF EXISTS] name SET, UNSET, ADD COLUMN, ALTER COLUMN, RENAME COLUMN, REFRESH and others."""
    kind = read_kind(reader, "ALTER")
    if_exists = reader.accept("IF", "EXISTS")
    name = reader.name()
    if kind is Kind.VIEW and (protecting := read_protection(reader, name)):
        return protecting
    if kind is Kind.USER and (setting := read_authentication_policy(reader, name)):
        return setting
    if changing := read_policy_change(reader, kind, name, if_exists=if_exists):
        return changing
    if kind is Kind.DYNAMIC_TABLE:
        for action in _OPERATIONS:
            if reader.accept(action):
                return OperateDynamicTable(name, action)
    if reader.accept("SET"):
        return Alter(kind, name, if_exists, _alterable(kind, read_fields(reader, kind)))
    if reader.accept("UNSET"):
        return Alter(kind, name, if_exists, _alterable(kind, _read_unset(reader, kind)))
    if kind is Kind.TABLE and reader.accept("ADD"):
        return _read_add_columns(reader, name, if_exists)
    if kind is Kind.TABLE and reader.accept("RENAME", "COLUMN"):
        column = reader.identifier()
        reader.expect("TO")
        return RenameColumn(name, if_exists, column, reader.identifier())
    if kind is Kind.TABLE and (reader.accept("ALTER") or reader.accept("MODIFY")):
        reader.accept("COLUMN")
        return _read_alter_column(reader, name, if_exists)
    if kind is Kind.SCHEMA and (reader.sees("ENABLE") or reader.sees("DISABLE")):
        enabled = reader.take().keyword == "ENABLE"
        reader.expect("MANAGED", "ACCESS")
        return Alter(kind, name, if_exists, {"managed_access": enabled})
    if kind is Kind.PIPE and reader.accept("REFRESH"):
        return _read_refresh(reader, name, if_exists)
    raise errors.unsupported(f"ALTER {kind} … {reader.peek().value.upper()}")


_FIXED = {Kind.PIPE: {"auto_ingest": "AUTO_INGEST"}, Kind.FILE_FORMAT: {"type": "TYPE"}}


def _alterable(kind: Kind, fields: Fields) -> Fields:
    for field, name in _FIXED.get(kind, {}).items():
        if field in fields:
            raise errors.invalid_property(name, kind.value)
    return fields


def _read_unset(reader: Reader, kind: Kind) -> Fields:
    known = [lookup(kind, reader.identifier())]
    while reader.accept(","):
        known.append(lookup(kind, reader.identifier()))
    return {item.field: item.unset for item in known}


def _read_add_columns(reader: Reader, name: Name, if_exists: bool) -> AddColumns:
    reader.accept("COLUMN")
    if_not_exists = reader.accept("IF", "NOT", "EXISTS")
    columns = [_read_column(reader)]
    while reader.accept(","):
        columns.append(_read_column(reader))
    return AddColumns(name, if_exists, if_not_exists, tuple(columns))


def _read_alter_column(
    reader: Reader, name: Name, if_exists: bool
) -> CommentColumn | RetypeColumn | AllowNulls:
    column = reader.identifier()
    if reader.accept("SET", "DATA", "TYPE") or reader.accept("TYPE"):
        return RetypeColumn(name, if_exists, column, _read_type(reader))
    if reader.accept("DROP", "NOT", "NULL"):
        return AllowNulls(name, if_exists, column)
    if not reader.accept("COMMENT"):
        raise errors.unsupported(f"ALTER COLUMN … {reader.peek().value.upper()}")
    return CommentColumn(name, if_exists, column, reader.string())


def read_truncate(reader: Reader) -> TruncateErrorTable:
    """TRUNCATE of an error table."""
    reader.accept("TABLE")
    if_exists = reader.accept("IF", "EXISTS")
    if not reader.accept("ERROR_TABLE", "("):
        raise errors.unsupported("TRUNCATE of anything but an ERROR_TABLE(…)")
    name = reader.name()
    reader.expect(")")
    return TruncateErrorTable(name, if_exists)


def _read_refresh(reader: Reader, name: Name, if_exists: bool) -> RefreshPipe:
    prefix, modified_after = "", None
    if reader.accept("PREFIX", "="):
        prefix = reader.string()
    if reader.accept("MODIFIED_AFTER", "="):
        modified_after = _instant(reader.string())
    return RefreshPipe(name, if_exists, prefix, modified_after)


def _instant(text: str) -> dt.datetime:
    try:
        value = dt.datetime.fromisoformat(text)
    except ValueError:
        raise errors.invalid_value(text, "MODIFIED_AFTER") from None
    return value if value.tzinfo else value.replace(tzinfo=dt.UTC)
