"""A cursor over tokens, with the operations that all statement parsers use."""

from __future__ import annotations

from typing import TypeAlias

from laptop.snowflake import errors
from laptop.snowflake.errors import SnowflakeError
from laptop.snowflake.names import Name
from laptop.snowflake.sql.lexer import Token, TokenKind, tokenize, unknown_syntax_at

Value: TypeAlias = "str | int | bool | Name | tuple[Value, ...] | dict[str, Value]"


class Reader:
    """Reads one statement from left to right."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self._tokens = tokenize(sql)
        self._next = 0

    def peek(self, ahead: int = 0) -> Token:
        """The token `ahead` of the cursor."""
        return self._tokens[min(self._next + ahead, len(self._tokens) - 1)]

    def take(self) -> Token:
        """Consume the next token."""
        token = self.peek()
        self._next += 1
        return token

    def sees(self, *words: str) -> bool:
        """True if these keywords or symbols are next."""
        return all(self.peek(i).keyword == word for i, word in enumerate(words))

    def accept(self, *words: str) -> bool:
        """Consume these keywords if they are next."""
        if not self.sees(*words):
            return False
        self._next += len(words)
        return True

    def expect(self, *words: str) -> None:
        """Consume these keywords, which must be next."""
        for word in words:
            if not self.accept(word):
                raise self.unexpected()

    def unexpected(self) -> SnowflakeError:
        """The error for syntax that the stand-in does not know, at the cursor."""
        token = self.peek()
        # A string may be a key: errors show its position, never its content.
        shown = "'…'" if token.kind is TokenKind.STRING else token.value
        return unknown_syntax_at(self.sql, token.start, shown)

    def at_end(self) -> bool:
        """True if the statement is over."""
        return self.peek().kind is TokenKind.END or self.sees(";")

    def finish(self) -> None:
        """Fail if anything is left unread, since nothing may be ignored."""
        several = self.sees(";")
        while self.accept(";"):
            pass
        if self.peek().kind is not TokenKind.END:
            raise errors.several_statements(self._statements()) if several else self.unexpected()

    def _statements(self) -> int:
        ends = [token.keyword == ";" for token in self._tokens[:-1]]
        return sum(end and not before for before, end in zip([True, *ends], [*ends, True], strict=True))

    def rest(self) -> str:
        """The text from the cursor on, as written."""
        return self.sql[self.peek().start :].rstrip().rstrip(";").rstrip()

    def take_rest(self) -> str:
        """Consume the text from the cursor on."""
        text = self.rest()
        while not self.at_end():
            self.take()
        return text

    def identifier(self) -> str:
        """One identifier; upper-cased unless quoted."""
        if self.peek().kind is TokenKind.QUOTED:
            return self.take().value
        if self.peek().kind is TokenKind.WORD:
            return self.take().value.upper()
        raise self.unexpected()

    def name(self) -> Name:
        """A possibly qualified name, also as IDENTIFIER('name')."""
        if self.accept("IDENTIFIER", "("):
            name = parse_name(self.string())
            self.expect(")")
            return name
        parts = [self.identifier()]
        while self.accept("."):
            parts.append(self.identifier())
        if len(parts) > 3:
            raise self.unexpected()
        return Name(tuple(parts))

    def string(self) -> str:
        """A string literal."""
        if self.peek().kind is not TokenKind.STRING:
            raise self.unexpected()
        return self.take().value

    def integer(self) -> int:
        """A whole number."""
        if self.peek().kind is not TokenKind.NUMBER or not self.peek().value.isdigit():
            raise self.unexpected()
        return int(self.take().value)

    def value(self) -> Value:
        """The right-hand side of a property: literal, name, or a list of either in parentheses."""
        token = self.peek()
        if self.sees("("):
            return self._parenthesized()
        if token.kind is TokenKind.STRING:
            return self.take().value
        if token.kind is TokenKind.NUMBER:
            return self.integer()
        if token.keyword in ("TRUE", "FALSE"):
            return self.take().keyword == "TRUE"
        name = self.name()
        return Name((name.last + "%",)) if self.accept("%") else name

    def _parenthesized(self) -> Value:
        self.expect("(")
        pairs: dict[str, Value] = {}
        items: list[Value] = []
        while not self.accept(")"):
            if self.peek(1).keyword in ("=", "=>"):
                key = self.identifier()
                self.take()
                if key in pairs:
                    raise self.unexpected()
                pairs[key] = self.value()
            else:
                items.append(self.value())
            self.accept(",")
        if pairs and items:
            raise self.unexpected()
        return pairs or tuple(items)


def parse_name(text: str) -> Name:
    """A name given inside a string, e.g. FORMAT_NAME = '"DB"."S"."F"'."""
    reader = Reader(text)
    name = reader.name()
    reader.finish()
    return name
