"""JSON records from text that may be damaged: readable records, and errors for the others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from laptop.snowflake.loading.model import LoadError

_SPACE = re.compile(r"[\s\x1e]*")
_PARSE_ERROR = 100069


@dataclass(frozen=True)
class JsonRecord:
    """A top-level JSON value, or an element of the outer array."""

    value: Any
    row: int
    line: int


class _DuplicateKeyError(ValueError):
    """A key is twice in one object."""


def read_records(text: str, *, strip_outer_array: bool) -> Iterator[JsonRecord | LoadError]:
    """The records of a file; documents may be separated by line breaks or not.

    After an unreadable record, reading continues with the next line.
    """
    return _Cursor(text, strip_outer_array).records()


class _Cursor:
    def __init__(self, text: str, strip_outer_array: bool) -> None:
        self._text = text
        self._strip = strip_outer_array
        self._decoder = json.JSONDecoder(object_pairs_hook=_unique)
        self._position = 0
        self._row = 0
        self._line, self._counted = 1, 0

    def records(self) -> Iterator[JsonRecord | LoadError]:
        self._skip_space()
        while self._position < len(self._text):
            if self._strip and self._text[self._position] == "[":
                yield from self._array()
            else:
                yield self._value()
            self._skip_space()

    def _array(self) -> Iterator[JsonRecord | LoadError]:
        self._position += 1
        self._skip_space()
        while not self._text.startswith("]", self._position):
            item = self._value()
            yield item
            self._skip_space()
            if isinstance(item, LoadError):
                # Without the array's structure the start of the next element is unknown.
                self._position = len(self._text)
                return
            if self._text.startswith(",", self._position):
                self._position += 1
                self._skip_space()
            elif not self._text.startswith("]", self._position):
                yield self._error("missing comma or bracket in array", self._position)
                self._position = len(self._text)
                return
        self._position += 1

    def _value(self) -> JsonRecord | LoadError:
        self._row += 1
        start = self._position
        line = self._line_of(start)
        try:
            value, self._position = self._decoder.raw_decode(self._text, start)
            self._text[start : self._position].encode()
        except _DuplicateKeyError as error:
            return self._skip_line(str(error), start)
        except UnicodeEncodeError:
            return self._skip_line("Invalid UTF8 detected in string", start)
        except (json.JSONDecodeError, RecursionError) as error:
            position = error.pos if isinstance(error, json.JSONDecodeError) else start
            return self._skip_line(f"Error parsing JSON: {self._seen(position)}", start, position)
        return JsonRecord(value, self._row, line)

    def _seen(self, position: int) -> str:
        word = re.match(r"\w{1,40}", self._text[position : position + 40])
        if position >= len(self._text):
            return "incomplete object value"
        return f'unknown keyword "{word[0]}"' if word else f"misplaced '{self._text[position]}'"

    def _skip_line(self, message: str, start: int, position: int | None = None) -> LoadError:
        end = self._text.find("\n", start)
        self._position = len(self._text) if end < 0 else end + 1
        return self._error(message, start if position is None else position, start)

    def _error(self, message: str, position: int, start: int | None = None) -> LoadError:
        line = self._line_of(position if start is None else start)
        character = position - self._text.rfind("\n", 0, position)
        return LoadError(message, _PARSE_ERROR, row=self._row, line=line, character=character)

    def _skip_space(self) -> None:
        match = _SPACE.match(self._text, self._position)
        self._position = match.end() if match else self._position

    def _line_of(self, position: int) -> int:
        if position >= self._counted:
            self._line += self._text.count("\n", self._counted, position)
            self._counted = position
            return self._line
        return self._text.count("\n", 0, position) + 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _DuplicateKeyError(f'Error parsing JSON: duplicate object attribute "{twice}"')
    return result
