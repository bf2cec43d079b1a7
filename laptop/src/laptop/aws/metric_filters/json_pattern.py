"""`{ $.level = "ERROR" && $.seconds > 3 }`: a filter pattern over the fields of a JSON line."""

from __future__ import annotations

import fnmatch
import operator
import re
from collections.abc import Callable
from typing import Any

Document = dict[str, Any]
Condition = Callable[[Document], bool]

_TOKEN = re.compile(
    r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<sign>&&|\|\||!=|<=|>=|[=<>(){}])|(?P<word>[^\s"&|=<>!(){}]+))'
)
_NUMERIC: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None}
_ABSENT = object()


class JsonPattern:
    """One parsed pattern.

    Raises:
        ValueError: it is not understood.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [found[0].strip() for found in _TOKEN.finditer(text)]
        self._expect("{")
        self._condition = self._any()
        self._expect("}")
        if self._tokens:
            raise self._not_understood()

    def __call__(self, document: Document) -> bool:
        """Whether a document matches."""
        return self._condition(document)

    def _any(self) -> Condition:
        parts = [self._all()]
        while self._next_is("||"):
            parts.append(self._all())
        return lambda document: any(part(document) for part in parts)

    def _all(self) -> Condition:
        parts = [self._operand()]
        while self._next_is("&&"):
            parts.append(self._operand())
        return lambda document: all(part(document) for part in parts)

    def _operand(self) -> Condition:
        if self._next_is("("):
            inner = self._any()
            self._expect(")")
            return inner
        field, sign = self._next(), self._next()
        if not field.startswith("$."):
            raise self._not_understood()
        if sign == "IS":
            wanted = self._constant()
            return lambda document: selected(document, field, _ABSENT) is wanted
        if sign == "NOT":
            self._expect("EXISTS")
            return lambda document: selected(document, field, _ABSENT) is _ABSENT
        return self._comparison(field, sign, self._next())

    def _comparison(self, field: str, sign: str, literal: str) -> Condition:
        if sign in _NUMERIC:
            return _numeric(field, _NUMERIC[sign], float(literal))
        if sign not in ("=", "!="):
            raise self._not_understood()
        equal = _equals(literal)

        def compare(document: Document) -> bool:
            value = selected(document, field, _ABSENT)
            return value is not _ABSENT and equal(value) is (sign == "=")

        return compare

    def _constant(self) -> bool | None:
        word = self._next()
        if word not in _CONSTANTS:
            raise self._not_understood()
        return _CONSTANTS[word]

    def _next(self) -> str:
        if not self._tokens:
            raise self._not_understood()
        return self._tokens.pop(0)

    def _next_is(self, token: str) -> bool:
        found = bool(self._tokens) and self._tokens[0] == token
        if found:
            self._tokens.pop(0)
        return found

    def _expect(self, token: str) -> None:
        if not self._next_is(token):
            raise self._not_understood()

    def _not_understood(self) -> ValueError:
        return ValueError(f"filter pattern {self._text!r} is not understood by the laptop's CloudWatch Logs")


def selected(document: Any, field: str, default: Any = None) -> Any:
    """What `$.a.b[0]` finds in a document."""
    for step in re.findall(r"[^.\[\]]+", field.removeprefix("$.")):
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            return default
    return document


def _numeric(field: str, compare: Callable[[float, float], bool], limit: float) -> Condition:
    def compared(document: Document) -> bool:
        value = selected(document, field)
        return _is_number(value) and compare(value, limit)

    return compared


def _equals(literal: str) -> Callable[[Any], bool]:
    if literal.startswith('"'):
        text = literal[1:-1]
        return lambda value: isinstance(value, str) and fnmatch.fnmatchcase(value, text)
    try:
        number = float(literal)
    except ValueError:
        return lambda value: fnmatch.fnmatchcase(str(value), literal)
    return lambda value: _is_number(value) and value == number


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
