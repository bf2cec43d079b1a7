"""JSON records from a file's text.

A record that cannot be read ends its file. Snowflake's page on COPY once said that with ON_ERROR = CONTINUE "the
remainder of the records in the data file are skipped", which databendlabs/databend#9312 saw in 2022; today's page does
not say whether that is over. https://docs.snowflake.com/en/sql-reference/sql/copy-into-table
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from laptop.snowflake.loading.model import LoadError

_SPACE = re.compile(r"[ \t\r\n]*")
PARSE_ERROR = 100069
_WIDEST_NUMBER = 38


@dataclass(frozen=True)
class JsonRecord:
    """A top-level JSON object, or an element of the outer array."""

    value: dict[str, Any]
    row: int
    line: int


class Fixed(float):
    """A number written with a fraction and without an exponent; as text it has all its digits."""

    _text: str

    def __new__(cls, text: str) -> Fixed:
        """Keep the text."""
        number = super().__new__(cls, text)
        number._text = text
        return number

    def __str__(self) -> str:
        return self._text


class _UnreadableError(Exception):
    """A record cannot be read, and nothing after it."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


def read_records(
    text: str, *, strip_outer_array: bool, multi_line: bool = True
) -> Iterator[JsonRecord | LoadError]:
    """The records of a file, up to the first error.

    With `multi_line`, documents may follow each other with or without line breaks; without, each line is one document.
    https://docs.snowflake.com/en/sql-reference/sql/create-file-format#type-json
    """
    row = 0
    documents = [text] if multi_line else text.removesuffix("\n").split("\n")
    for line, document in enumerate(documents if text else [], start=1):
        cursor = _Cursor(document, strip_outer_array, one_document=not multi_line)
        try:
            for start, value in cursor.values():
                row += 1
                yield JsonRecord(value, row, line + document.count("\n", 0, start))
        except _UnreadableError as error:
            before = document[: error.position]
            character = len(before) - before.rfind("\n")
            yield LoadError(
                str(error), PARSE_ERROR, row=row + 1, line=line + before.count("\n"), character=character
            )
            return


class _Cursor:
    def __init__(self, text: str, strip_outer_array: bool, *, one_document: bool) -> None:
        self._text = text
        self._strip = strip_outer_array
        self._one_document = one_document
        self._position = 0

    def values(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The objects, each with its start."""
        # Blank lines are no documents. Snowflake's pages do not say that it skips them.
        while self._skip_space() < len(self._text) or self._one_document:
            if self._strip and self._sees("["):
                yield from self._array()
            else:
                yield self._object()
            if self._one_document:
                if self._skip_space() < len(self._text):
                    self._refuse_here()
                return

    def _array(self) -> Iterator[tuple[int, dict[str, Any]]]:
        self._position += 1
        self._skip_space()
        while not self._sees("]"):
            yield self._object()
            self._skip_space()
            if self._sees(","):
                self._position += 1
                self._skip_space()
            elif not self._sees("]"):
                raise _UnreadableError("missing comma or bracket in array", self._position)
        self._position += 1

    def _object(self) -> tuple[int, dict[str, Any]]:
        start = self._position
        try:
            value, self._position = _DECODER.raw_decode(self._text, start)
            _check_characters(self._text[start : self._position], value)
        except json.JSONDecodeError as error:
            self._position = error.pos
            self._refuse_here()
        except (ValueError, RecursionError) as error:
            raise _UnreadableError(f"Error parsing JSON: {str(error)[:80]}", start) from None
        if not isinstance(value, dict):
            raise _UnreadableError("JSON record is not an object: no columns to match by name", start)
        return start, value

    def _refuse_here(self) -> NoReturn:
        seen = "incomplete object value"
        if self._position < len(self._text):
            ahead = self._text[self._position : self._position + 40]
            word = re.match(r"\w+", ahead)
            # A damaged byte is a lone surrogate here, which no message can hold.
            character = ahead[0].encode("utf-8", "backslashreplace").decode()
            seen = f'unknown keyword "{word[0]}"' if word else f"misplaced '{character}'"
        raise _UnreadableError(f"Error parsing JSON: {seen}", self._position)

    def _skip_space(self) -> int:
        match = _SPACE.match(self._text, self._position)
        self._position = match.end() if match else self._position
        return self._position

    def _sees(self, symbol: str) -> bool:
        return self._text.startswith(symbol, self._position)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """ALLOW_DUPLICATE = FALSE, the default."""
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f'duplicate object attribute "{twice}"')
    return result


def _integer(text: str) -> int | float:
    # A VARIANT holds 38 digits exactly: https://docs.snowflake.com/en/sql-reference/data-types-semistructured
    return int(text) if len(text.lstrip("-")) <= _WIDEST_NUMBER else _finite(text)


def _fraction(text: str) -> float:
    return _finite(text) if "e" in text.lower() else Fixed(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is too large for a number")
    return number


def _constant(text: str) -> NoReturn:
    raise ValueError(f'unknown keyword "{text}"')


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_integer, parse_float=_fraction, parse_constant=_constant
)


def _check_characters(raw: str, value: Any) -> None:
    """Refuse what is not UTF-8, and the character NUL: what Snowflake does with it is not known."""
    texts = "".join(_texts(value)) if "\\u" in raw else ""
    try:
        (raw + texts).encode()
    except UnicodeEncodeError:
        raise ValueError("Invalid UTF8 detected in string") from None
    if "\0" in texts:
        raise ValueError("NUL in string")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)
