"""Splits Snowflake SQL into tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from laptop.snowflake import errors

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0"}
_IDENTIFIER = r'(?:"(?:[^"]|"")+"|[A-Za-z_][\w$]*)'
_TOKEN = re.compile(
    rf"""
      (?P<space>\s+|--[^\n]*|//[^\n]*|/\*.*?\*/)
    | (?P<string>'(?:[^'\\]|''|\\.)*')
    | (?P<dollar>\$\$.*?\$\$)
    | (?P<stage>@{_IDENTIFIER}(?:\.{_IDENTIFIER}){{0,2}}(?:/[^\s;,)]*)?)
    | (?P<quoted>"(?:[^"]|"")+")
    | (?P<word>[A-Za-z_$][\w$]*)
    | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<symbol>=>|[=(),;.*%:\-+/<>|!\[\]])
    """,
    re.VERBOSE | re.DOTALL,
)

_QUOTES = "'\""
_QUOTED = re.compile(
    r"""'(?:[^'\\]|''|\\.)*'|\$\$.*?\$\$|--[^\n]*|//[^\n]*|/\*.*?\*/|("(?:[^"]|"")+")""", re.DOTALL
)


class TokenKind(StrEnum):
    """The kinds of tokens."""

    WORD = "word"
    QUOTED = "quoted"
    STRING = "string"
    NUMBER = "number"
    STAGE = "stage"
    SYMBOL = "symbol"
    END = "end"


@dataclass(frozen=True)
class Token:
    """One token: its kind, value (unquoted, unescaped) and position."""

    kind: TokenKind
    value: str
    start: int

    @property
    def keyword(self) -> str:
        """The token as a keyword or symbol; empty for quoted identifiers and strings."""
        return self.value.upper() if self.kind in (TokenKind.WORD, TokenKind.SYMBOL) else ""


def tokenize(sql: str) -> list[Token]:
    """Split `sql` into tokens; the last one marks the end.

    Raises:
        SnowflakeError: An unclosed quote, or a character that starts no token of the stand-in.
    """
    tokens: list[Token] = []
    position = 0
    while position < len(sql):
        match = _TOKEN.match(sql, position)
        if match is None and sql[position] in _QUOTES:
            raise syntax_error_at(sql, position, sql[position])
        if match is None:
            raise unknown_syntax_at(sql, position, sql[position])
        if match.lastgroup != "space":
            tokens.append(_token(match))
        position = match.end()
    return [*tokens, Token(TokenKind.END, "<EOF>", len(sql))]


def fold_quoted(sql: str) -> str:
    """The text with every quoted identifier in upper case."""
    return _QUOTED.sub(lambda match: match[1].upper() if match[1] else match[0], sql)


def syntax_error_at(sql: str, position: int, unexpected: str) -> errors.SnowflakeError:
    """Snowflake's syntax error at `position`."""
    line, column = _where(sql, position)
    return errors.syntax_error(line=line, position=column, unexpected=unexpected)


def unknown_syntax_at(sql: str, position: int, unexpected: str) -> errors.SnowflakeError:
    """The stand-in's own syntax error at `position`."""
    line, column = _where(sql, position)
    return errors.unknown_syntax(line=line, position=column, unexpected=unexpected)


def _where(sql: str, position: int) -> tuple[int, int]:
    return sql.count("\n", 0, position) + 1, position - (sql.rfind("\n", 0, position) + 1)


def _token(match: re.Match[str]) -> Token:
    text = match.group()
    group = match.lastgroup or ""
    if group == "string":
        return Token(TokenKind.STRING, _unescape(text[1:-1]), match.start())
    if group == "dollar":
        return Token(TokenKind.STRING, text[2:-2], match.start())
    if group == "quoted":
        return Token(TokenKind.QUOTED, text[1:-1].replace('""', '"'), match.start())
    return Token(TokenKind(group), text, match.start())


def _unescape(body: str) -> str:
    def plain(match: re.Match[str]) -> str:
        text = match.group()
        return "'" if text == "''" else _ESCAPES.get(text[1], text[1])

    return re.sub(r"''|\\.", plain, body, flags=re.DOTALL)
