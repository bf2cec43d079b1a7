"""Parses the text of one statement into its typed value."""

from __future__ import annotations

import re
from collections.abc import Callable

from laptop.snowflake import errors
from laptop.snowflake.names import Kind
from laptop.snowflake.sql import copying, ddl, granting, showing
from laptop.snowflake.sql.kinds import read_kind
from laptop.snowflake.sql.reader import Reader
from laptop.snowflake.sql.statements import (
    AlterSession,
    Drop,
    EndTransaction,
    Query,
    Statement,
    Use,
)

_FIRST_WORD = re.compile(r"(?:\s+|--[^\n]*\n|//[^\n]*\n|/\*.*?\*/|\()*([A-Za-z]+)", re.DOTALL)
_QUERIES = {"SELECT", "WITH", "INSERT", "UPDATE", "DELETE"}
# Session parameters that change no result of the stand-in, with their allowed values (empty: any).
_SESSION_PARAMETERS = {"AUTOCOMMIT": {"TRUE"}, "QUERY_TAG": set[str](), "TIMEZONE": {"UTC"}}


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


def check_session_parameter(name: str, value: object) -> None:
    """Refuse a session parameter that has an effect in Snowflake but not here.

    Raises:
        SnowflakeError: The parameter or its value is not allowed.
    """
    allowed = _SESSION_PARAMETERS.get(name.upper())
    if allowed is None or (allowed and str(value).upper() not in allowed):
        raise errors.unsupported(f"session parameter {name.upper()} = {value}")


def _alter(reader: Reader) -> Statement:
    if reader.accept("SESSION"):
        return _alter_session(reader)
    return ddl.read_alter(reader)


def _alter_session(reader: Reader) -> AlterSession:
    reader.expect("SET")
    while not reader.at_end():
        name = reader.identifier()
        reader.expect("=")
        check_session_parameter(name, reader.value())
        reader.accept(",")
    return AlterSession()


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
