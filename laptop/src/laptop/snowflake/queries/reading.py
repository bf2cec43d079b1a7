"""Parses the text of a query into an expression with resolved columns."""

from __future__ import annotations

import re

import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError, ParseError, TokenError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from laptop.snowflake import errors
from laptop.snowflake.errors import SnowflakeError
from laptop.snowflake.queries.sources import Sources
from laptop.snowflake.sql.lexer import syntax_error_at


def parse_query(sql: str) -> exp.Expr:
    """The only statement in the text.

    Raises:
        SnowflakeError: It cannot be parsed, or there are several.
    """
    try:
        parsed = [item for item in sqlglot.parse(sql, read="snowflake") if item is not None]
    except TokenError as error:
        raise syntax_error_at(sql, len(sql), "<EOF>") from error
    except ParseError as error:
        details = error.errors[0] if error.errors else {}
        raise errors.unknown_syntax(
            line=details.get("line", 1),
            position=details.get("col", 0),
            unexpected=details.get("highlight", "<EOF>"),
        ) from error
    if len(parsed) != 1:
        raise errors.several_statements(len(parsed))
    return parsed[0]


def qualified(query: exp.Expr, sources: Sources) -> exp.Query:
    """Resolve every column to its table, expand stars, and infer types.

    Raises:
        SnowflakeError: A column does not exist.
    """
    schema = sources.schema()
    try:
        expanded = qualify(query, schema=schema, dialect="snowflake")
        typed = annotate_types(expanded, schema=schema, dialect="snowflake")
    except OptimizeError as error:
        raise _unresolved(error) from error
    if not isinstance(typed, exp.Query):
        raise errors.unsupported(f"{typed.key.upper()} as a query")
    return typed


def _unresolved(error: OptimizeError) -> SnowflakeError:
    text = str(error)
    parts = text.split("'")
    if "could not be resolved" in text and len(parts) > 1:
        return errors.invalid_identifier(parts[1])
    if unknown := re.match(r"Unknown (?:column|table): (\S+)", text):
        return errors.invalid_identifier(unknown[1].rstrip("."))
    return errors.unsupported(text.splitlines()[0])
