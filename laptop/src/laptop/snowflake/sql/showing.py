"""SHOW, DESC and LIST."""

from __future__ import annotations

from typing import Literal

from laptop.snowflake import errors
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.sql.copying import split_stage
from laptop.snowflake.sql.granting import read_grant_object
from laptop.snowflake.sql.kinds import read_kind, read_plural
from laptop.snowflake.sql.lexer import TokenKind
from laptop.snowflake.sql.reader import Reader
from laptop.snowflake.sql.show_statements import (
    Describe,
    Show,
    ShowAuthenticationPolicies,
    ShowColumns,
    ShowFutureGrants,
    ShowGrants,
    ShowKeys,
    ShowParameters,
)
from laptop.snowflake.sql.statements import ListStage, Statement


def read_describe(reader: Reader) -> Describe:
    """DESC kind name [TYPE = COLUMNS]."""
    kind = read_kind(reader, "DESC")
    name = reader.name()
    if kind is Kind.TABLE and reader.accept("TYPE"):
        reader.expect("=", "COLUMNS")
    return Describe(kind, name)


def read_show(reader: Reader) -> Statement:
    """SHOW kinds [LIKE pattern] [IN container], and the other forms of SHOW."""
    if reader.accept("GRANTS"):
        return _read_show_grants(reader)
    if reader.accept("COLUMNS", "IN", "TABLE"):
        return ShowColumns(reader.name())
    if reader.accept("FUTURE", "GRANTS", "IN"):
        if reader.accept("DATABASE"):
            return ShowFutureGrants(Kind.DATABASE, reader.name())
        reader.expect("SCHEMA")
        return ShowFutureGrants(Kind.SCHEMA, reader.name())
    if reader.accept("AUTHENTICATION", "POLICIES", "ON"):
        return ShowAuthenticationPolicies(_read_user_or_account(reader))
    if reader.accept("PARAMETERS"):
        return _read_show_parameters(reader)
    if any(reader.accept(which, "KEYS", "IN") for which in ("PRIMARY", "UNIQUE", "IMPORTED")):
        return _read_show_keys(reader)
    kind = read_plural(reader, "SHOW")
    like = reader.string() if reader.accept("LIKE") else None
    scope, container = _read_scope(reader)
    return Show(kind, like, scope, container)


def _read_user_or_account(reader: Reader) -> Name | None:
    """USER name; None for ACCOUNT."""
    if reader.accept("ACCOUNT"):
        return None
    reader.expect("USER")
    return reader.name()


def _read_show_parameters(reader: Reader) -> ShowParameters:
    like = reader.string() if reader.accept("LIKE") else None
    if not (reader.accept("IN") or reader.accept("FOR")) or reader.accept("SESSION"):
        return ShowParameters(like, "SESSION")
    user = _read_user_or_account(reader)
    return ShowParameters(like, "USER" if user else "ACCOUNT", user)


def _read_scope(reader: Reader) -> tuple[Literal["ACCOUNT", "DATABASE", "SCHEMA"] | None, Name | None]:
    if not reader.accept("IN"):
        return None, None
    if reader.accept("ACCOUNT"):
        return "ACCOUNT", None
    if reader.accept("DATABASE"):
        return "DATABASE", None if reader.at_end() else reader.name()
    if reader.accept("SCHEMA"):
        return "SCHEMA", None if reader.at_end() else reader.name()
    name = reader.name()
    return ("SCHEMA" if len(name.parts) == 2 else "DATABASE"), name


def _read_show_keys(reader: Reader) -> ShowKeys:
    if reader.accept("SCHEMA"):
        return ShowKeys(Kind.SCHEMA, reader.name())
    reader.expect("TABLE")
    return ShowKeys(Kind.TABLE, reader.name())


def _read_show_grants(reader: Reader) -> ShowGrants:
    if reader.accept("ON"):
        return ShowGrants("ON", *read_grant_object(reader, "SHOW GRANTS"))
    if reader.accept("TO", "ROLE"):
        return ShowGrants("TO", Kind.ROLE, reader.name())
    if reader.accept("TO", "USER"):
        return ShowGrants("TO", Kind.USER, reader.name())
    if reader.accept("OF", "ROLE"):
        return ShowGrants("OF", Kind.ROLE, reader.name())
    raise errors.unsupported("SHOW GRANTS other than ON object, TO ROLE, TO USER and OF ROLE")


def read_list(reader: Reader) -> ListStage:
    """LIST @stage[/path]."""
    if reader.peek().kind is not TokenKind.STAGE:
        raise reader.unexpected()
    stage, path = split_stage(reader.take().value[1:])
    return ListStage(stage, path)
