"""Parses the text of one statement into its typed value."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from laptop.snowflake import errors
from laptop.snowflake.names import Kind
from laptop.snowflake.sql import copying, ddl, granting, showing
from laptop.snowflake.sql.kinds import read_kind
from laptop.snowflake.sql.protecting import read_authentication_policy
from laptop.snowflake.sql.reader import Reader
from laptop.snowflake.sql.statements import (
    Drop,
    EndTransaction,
    Query,
    SetParameters,
    Statement,
    Use,
)

_FIRST_WORD = re.compile(r"(?:\s+|--[^\n]*\n|//[^\n]*\n|/\*.*?\*/|\()*([A-Za-z]+)", re.DOTALL)
_SCOPES: tuple[Literal["ACCOUNT", "SESSION"], ...] = ("ACCOUNT", "SESSION")
_QUERIES = {"SELECT", "WITH", "INSERT", "UPDATE", "DELETE"}


def parse(sql: str) -> Statement:
    """Parse one statement.

    Raises:
        SnowflakeError: It cannot be parsed, or the stand-in does not support it.
    """
    verb = first_word(sql)
    if verb in _QUERIES:
        return Query(sql)
    read = _VERBS.get(verb)
    if read is None:
        raise errors.unsupported(f"{verb} statements") if verb else Reader(sql).unexpected()
    reader = Reader(sql)
    reader.take()
    statement = read(reader)
    reader.finish()
    return statement


def first_word(sql: str) -> str:
    """The statement's verb, upper case; empty if it starts with none."""
    match = _FIRST_WORD.match(sql)
    return match[1].upper() if match else ""


def _alter(reader: Reader) -> Statement:
    for scope in _SCOPES:
        if reader.accept(scope):
            if scope == "ACCOUNT" and (setting := read_authentication_policy(reader, None)):
                return setting
            return _set_parameters(reader, scope)
    return ddl.read_alter(reader)


def _set_parameters(reader: Reader, scope: Literal["ACCOUNT", "SESSION"]) -> SetParameters:
    if reader.accept("UNSET"):
        names = [reader.identifier()]
        while reader.accept(","):
            names.append(reader.identifier())
        return SetParameters(scope, {}, tuple(names))
    reader.expect("SET")
    given: dict[str, object] = {}
    while not reader.at_end():
        name = reader.identifier()
        reader.expect("=")
        given[name] = reader.value()
        reader.accept(",")
    return SetParameters(scope, given)


def _drop(reader: Reader) -> Drop:
    kind = read_kind(reader, "DROP")
    if_exists = reader.accept("IF", "EXISTS")
    return Drop(kind, reader.name(), if_exists)


def _use(reader: Reader) -> Use:
    if reader.sees("SECONDARY"):
        raise errors.unsupported("USE SECONDARY")
    for kind in (Kind.ROLE, Kind.WAREHOUSE, Kind.DATABASE, Kind.SCHEMA):
        if reader.accept(kind.value):
            return Use(kind, reader.name())
    name = reader.name()
    return Use(Kind.DATABASE if len(name.parts) == 1 else Kind.SCHEMA, name)


def _end_transaction(reader: Reader) -> EndTransaction:
    reader.accept("WORK")
    return EndTransaction()


_VERBS: dict[str, Callable[[Reader], Statement]] = {
    "CREATE": ddl.read_create,
    "ALTER": _alter,
    "DROP": _drop,
    "TRUNCATE": ddl.read_truncate,
    "USE": _use,
    "DESC": showing.read_describe,
    "DESCRIBE": showing.read_describe,
    "SHOW": showing.read_show,
    "LIST": showing.read_list,
    "LS": showing.read_list,
    "GRANT": granting.read_grant,
    "REVOKE": granting.read_revoke,
    "COPY": copying.read_copy_statement,
    "COMMIT": _end_transaction,
    "ROLLBACK": _end_transaction,
}
