"""The check of lines against the contract: events, and rejects with their reason."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

import jsonschema_rs

from contract import RESERVED_COLUMNS, EventContract
from producer.lines import Line

KEY_FIELD = "event_id"
_REASONS = 3
_SHOWN = 80
_VALUE = "\x1a"  # stands for the value in the validator's messages; replaced by a shortened one
# Files that are one array, or objects over several lines.
_ONE_A_LINE = {
    b"[": "; one event a line is needed, which `jq -c '.[]'` makes of an array",
    b"{": "; one event a line is needed, which `jq -c .` makes of objects over several lines",
}
_EXAMPLES = {"date-time": "RFC 3339 such as 2026-11-22T10:15:30Z", "date": "a day such as 2026-11-22"}


class Event(NamedTuple):
    """A line that conforms to the contract, unchanged except for surrounding white space."""

    line: int
    event_id: str
    data: bytes


class Reject(NamedTuple):
    """A line that is not a valid event, with the reason."""

    line: int
    reason: str
    data: bytes
    size: int


def validator(contract: EventContract) -> jsonschema_rs.Draft202012Validator:
    """Compile the contract; formats such as date-time are checked.

    Raises:
        ValueError: the contract is not a JSON Schema, or lacks the key that identifies an event.
    """
    if not any(field.name == KEY_FIELD and field.required for field in contract.fields):
        raise ValueError(f"the contract must require a field {KEY_FIELD!r}: it identifies an event")
    return jsonschema_rs.Draft202012Validator(
        dict(contract.schema), validate_formats=True, ignore_unknown_formats=False, mask=_VALUE
    )


class Checker:
    """Checks whether a line is a valid event, one line at a time."""

    def __init__(self, contract: EventContract, *, max_bytes: int) -> None:
        self._validator = validator(contract)
        self._max_bytes = max_bytes
        self._spelling = {field.column: field.name for field in contract.fields}
        self._names = frozenset(self._spelling.values())
        self._decoder = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_without_repeats)

    def check(self, line: Line) -> Event | Reject | None:
        """Check one line; None for a blank one."""
        data = line.data.strip()
        if line.number == 1:
            data = data.removeprefix(codecs.BOM_UTF8).strip()
        cut = line.size - len(line.data)
        size = len(data) + cut
        if not data:
            return None
        if size > self._max_bytes:
            reason = f"too large: {size:,} bytes; one event may have at most {self._max_bytes:,}"
            return Reject(line.number, reason, data, size)
        try:
            event = self._parse(data)
            reason = "; ".join(self._problems(event))
        except RecursionError:
            reason = "not JSON that can be read: nested too deeply"
        except ValueError as error:
            reason = str(error)
        if reason:
            return Reject(line.number, reason, data, size)
        return Event(line.number, event[KEY_FIELD], data)

    def _parse(self, data: bytes) -> dict[str, Any]:
        try:
            event = self._decoder.decode(data.decode())
            if b"\\u" in data:
                json.dumps(event, ensure_ascii=False).encode()  # half a surrogate pair is no text
        except UnicodeDecodeError as error:
            found = f"0x{data[error.start]:02x} at byte {error.start + 1}"
            raise ValueError(f"not UTF-8 text: {found}") from error
        except UnicodeEncodeError as error:
            raise ValueError("not Unicode text: an escape such as \\ud800 without its other half") from error
        except json.JSONDecodeError as error:
            hint = _ONE_A_LINE.get(data, "")
            raise ValueError(f"not JSON: {error.msg} at character {error.pos + 1}{hint}") from error
        if not isinstance(event, dict):
            hint = _ONE_A_LINE[b"["] if isinstance(event, list) else ""
            raise ValueError(f"not an event: a JSON object is needed, got {_short(event)}{hint}")
        return event

    def _problems(self, event: dict[str, Any]) -> Iterator[str]:
        if not self._validator.is_valid(event):
            yield from map(_describe, islice(self._validator.iter_errors(event), _REASONS))
        if not event.keys() <= self._names:
            yield from self._spelling_problems(event)

    def _spelling_problems(self, event: dict[str, Any]) -> Iterator[str]:
        """Names that Snowflake, which ignores their case, would match with the wrong column."""
        seen: dict[str, str] = {}
        for name in event:
            column = name.upper()
            if column in RESERVED_COLUMNS:
                yield f"field {_short(name)}: the pipe fills column {column} itself; use another name"
            elif self._spelling.get(column, name) != name:
                yield f"field {_short(name)}: must be written {self._spelling[column]!r}"
            elif column in seen:
                yield f"field {_short(name)}: differs from {_short(seen[column])} in case only"
            seen[column] = name


def _describe(error: jsonschema_rs.ValidationError) -> str:
    kind = error.kind
    path = ".".join(map(str, error.instance_path))
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
        name = f"{path}.{kind.property}" if path else kind.property
        return f"field {name!r}: missing, but required"
    problem = error.message.replace(_VALUE, _short(error.instance), 1)
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Format):
        problem += f"; allowed: {_EXAMPLES.get(kind.format, kind.format)}"
    return f"field {path!r}: {problem}" if path else problem


def _refuse_constant(name: str) -> None:
    raise ValueError(f"not JSON: {name} is no JSON number; use null")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name given twice in one object, as Snowflake's JSON reader does."""
    result = dict(pairs)
    if len(result) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise ValueError(f"field {_short(name)}: given twice in one object")
            seen.add(name)
    return result


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
