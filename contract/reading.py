"""Reading of JSON so that nothing changes silently: a value that a row would not give back is noted as a flaw."""

from __future__ import annotations

import json
import math
import re
import sys
from decimal import Decimal
from itertools import chain
from json.scanner import make_scanner
from typing import Any

import orjson

from contract.flaws import Flaw, Reason, short

# https://docs.snowflake.com/en/sql-reference/data-types-numeric: NUMBER has at most 38 digits.
_DIGITS = 38
# Any number of up to 15 digits survives FLOAT, a double.
_SAFE_CHARACTERS = 15
TOO_DEEP = "Nested too deeply"
# Half of what Python's own reader and writer take, so that a document that was read can also be written.
_DEPTH = 500
# JSON that is not compact has it after its first name; then no time is lost by trying.
_COLON_AND_SPACE, _FIRST_NAME = '": ', 64
_NONZERO_DIGIT = re.compile("[1-9]")
# An escaped NUL, not the text \u0000 after an escaped backslash.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def read_plain(line: str) -> dict[str, Any] | None:
    """Read a line that is one object, if it is written as orjson writes that object; None if it must be read with care.

    A line that is written again character by character has lost nothing by being read: no repeated name, no digit, no
    second document, no level. Escapes and numbers below the smallest ordinary double are left to `JsonReader`.
    """
    if line.find(_COLON_AND_SPACE, 0, _FIRST_NAME) >= 0 or ("\\" in line and "\\u" in line) or "e-3" in line:
        return None
    try:
        value = orjson.loads(line)
        is_same = type(value) is dict and orjson.dumps(value) == line.encode()
    except (ValueError, TypeError):  # not JSON, not UTF-8, or nested deeper than orjson writes
        return None
    return value if is_same else None


class JsonReader:
    """Reads one JSON document after another from a text."""

    def __init__(self) -> None:
        self._flaws: list[Flaw] = []
        decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_int=self._integer,
            parse_float=self._float,
            parse_constant=self._constant,
        )
        self._scan = make_scanner(decoder)  # type: ignore[arg-type] # it takes whatever has these hooks

    def read(self, text: str, start: int) -> tuple[Any, int, list[Flaw]]:
        """Read the document that begins at `start`, which is no white space.

        Returns:
            the value, the position after it, and flaws: values that a row cannot hold, and repeated names.

        Raises:
            json.JSONDecodeError: there is no whole document.
        """
        self._flaws = []
        try:
            value, end = self._scan(text, start)
        except StopIteration as stop:
            raise json.JSONDecodeError("Expecting value", text, stop.value) from None
        except RecursionError:
            raise json.JSONDecodeError(TOO_DEEP, text, start) from None
        if end - start > 2 * _DEPTH and _is_deep(text, start, end) and _is_deeper(value, _DEPTH):
            return (
                value,
                end,
                [Flaw(Reason.NOT_JSON, f"not JSON that can be read: more than {_DEPTH} levels deep")],
            )
        if text.find("\\u", start, end) >= 0:
            self._flaws += _escape_flaws(value)
        return value, end, self._flaws

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            self._note(Reason.NAME, f"field {short(_repeated(pairs))}: given twice in one object")
        return found

    def _integer(self, text: str) -> int:
        if len(text) > _DIGITS and len(text.lstrip("-")) > _DIGITS:
            digits = len(text.lstrip("-"))
            self._note(Reason.VALUE, f"{_cut(text)}: {digits} digits, and a column holds at most {_DIGITS}")
            return 0
        return int(text)

    def _float(self, text: str) -> float:
        number = float(text)
        if len(text) > _SAFE_CHARACTERS or "e" in text or "E" in text:
            self._require_survival(text, number)
        return number

    def _require_survival(self, text: str, number: float) -> None:
        """Note a number that a double, which Snowflake's FLOAT is, gives back as another."""
        mantissa = text.lower().partition("e")[0]
        if math.isinf(number):
            self._note(Reason.VALUE, f"{_cut(text)} is too large for a number")
        elif abs(number) < sys.float_info.min and _NONZERO_DIGIT.search(mantissa):
            self._note(Reason.VALUE, f"{_cut(text)} is too small for a number")
        elif number and Decimal(text) != Decimal(repr(number)):
            self._note(
                Reason.VALUE, f"{_cut(text)} has more digits than a column keeps: it would be {number!r}"
            )

    def _constant(self, name: str) -> None:
        self._note(Reason.NOT_JSON, f"not JSON: {name} is no JSON number; use null")

    def _note(self, reason: Reason, text: str) -> None:
        self._flaws.append(Flaw(reason, text))


def _is_deeper(value: object, levels: int) -> bool:
    """True if arrays and objects are nested more than `levels` deep; without recursion."""
    level: list[Any] = [[value]]
    for _ in range(levels + 1):
        parts = chain.from_iterable(part.values() if isinstance(part, dict) else part for part in level)
        level = [part for part in parts if isinstance(part, (dict, list))]
    return bool(level)


def _repeated(pairs: list[tuple[str, Any]]) -> str:
    """A name that comes again; found in linear time, since an event has room for 100,000 names."""
    seen = set[str]()
    for name, _ in pairs:
        if name in seen:
            break
        seen.add(name)
    return name


def _is_deep(text: str, start: int, end: int) -> bool:
    """True if a document may have too many levels, by the number of its brackets."""
    return text.count("[", start, end) + text.count("{", start, end) > _DEPTH


def _escape_flaws(value: object) -> list[Flaw]:
    """Flaws of escaped characters: NUL, which no text of Snowflake's has, and half a surrogate pair, which is none."""
    text = json.dumps(value, ensure_ascii=False)
    flaws = []
    if _NUL.search(text):
        flaws.append(Flaw(Reason.VALUE, "a text or name with a NUL character (\\u0000)"))
    try:
        text.encode()
    except UnicodeEncodeError:
        flaws.append(
            Flaw(Reason.NOT_UTF8, "not Unicode text: an escape such as \\ud800 without its other half")
        )
    return flaws


def _cut(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:29]}…"
