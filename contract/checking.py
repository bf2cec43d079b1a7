"""The check of an event: the rules of its contract, and what a row can hold.

A row holds an event if the same JSON values are read back from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, Literal

import jsonschema_rs

from contract.columns import RESERVED_COLUMNS
from contract.event import EventContract
from contract.finding import Found
from contract.flaws import Flaw, Reason, short
from contract.values import misfit_of

Unlisted = Literal["folded", "column", "left out"]
"""Fate of a field that the contract does not list: put into the contract's object for the rest, given a column of its
own by schema evolution, or left out of the row."""

_REASONS = 3
_MASK = "\x1a"  # stands for the value in the validator's messages; replaced by a shortened one
_EXAMPLES = {"date-time": "RFC 3339 such as 2026-11-22T10:15:30Z", "date": "a day such as 2026-11-22"}
# https://docs.snowflake.com/en/sql-reference/identifiers-syntax
_COLUMN_CHARACTERS = 255
# https://docs.snowflake.com/en/user-guide/data-load-schema-evolution
_NEW_COLUMNS = 100


def validator(contract: EventContract) -> jsonschema_rs.Draft202012Validator:
    """Compile a contract's JSON Schema; formats such as date-time are checked."""
    return jsonschema_rs.Draft202012Validator(
        dict(contract.schema), validate_formats=True, ignore_unknown_formats=False, mask=_MASK
    )


class Checker:
    """Checks events against one contract.

    Args:
        contract: the contract.
        unlisted: the fate of fields that it does not list.
    """

    def __init__(self, contract: EventContract, *, unlisted: Unlisted = "folded") -> None:
        self._validator = validator(contract)
        self._unlisted = unlisted
        self._rest = contract.rest.name if contract.rest else None
        self._spelling = {field.name.upper(): field.name for field in contract.fields}
        self._misfits: list[tuple[str, Callable[[Any], str | None]]] = [
            (field.name, misfit)
            for field in contract.fields
            if (misfit := misfit_of(field.snowflake_type)) is not None
        ]
        self.names = frozenset(field.name for field in contract.fields)

    def check(self, found: Found) -> list[Flaw]:
        """Flaws of a document; none if it is an event that a row can hold."""
        if not found.text.isascii() and (flaw := _not_utf8(found.text)):
            return [flaw]
        if found.flaws:
            return found.flaws
        if type(found.value) is not dict:
            got = short(found.value)
            return [Flaw(Reason.NOT_AN_EVENT, f"not an event: a JSON object is needed, got {got}")]
        return self.flaws(found.value)

    def flaws(self, event: Mapping[str, Any]) -> list[Flaw]:
        """Flaws of an event; of those against the contract, the first few."""
        try:
            flaws = [] if self._validator.is_valid(event) else list(self._broken_rules(event))
        except ValueError:
            return [Flaw(Reason.NOT_JSON, "not JSON that can be read: nested too deeply")]
        for name, misfit in self._misfits:
            value = event.get(name)
            if value is not None and (problem := misfit(value)):
                flaws.append(Flaw(Reason.VALUE, f"field {name!r}: {short(value)}: {problem}"))
        if not self.names.issuperset(event):
            flaws += (Flaw(Reason.NAME, text) for text in self._misnamed(event))
        return flaws

    def _broken_rules(self, event: Mapping[str, Any]) -> Iterator[Flaw]:
        for error in islice(self._validator.iter_errors(event), _REASONS):
            yield Flaw(Reason.CONTRACT, _describe(error))

    def _misnamed(self, event: Mapping[str, Any]) -> Iterator[str]:
        """Names of fields that have no place in a row."""
        unlisted = [name for name in event if name not in self.names]
        for name in unlisted:
            if (listed := self._spelling.get(name.upper())) is not None:
                yield f"field {short(name)}: differs from {short(listed)} in case only"
            elif not name:
                yield "a field without a name"
        if self._unlisted == "folded":
            yield from self._not_foldable(event, unlisted)
            return
        for name in unlisted:
            if (column := name.upper()) in RESERVED_COLUMNS:
                yield f"field {short(name)}: column {column} is filled by the pipe"
        if self._unlisted == "column":
            yield from self._not_columns(unlisted)

    def _not_foldable(self, event: Mapping[str, Any], unlisted: list[str]) -> Iterator[str]:
        if self._rest is None:
            yield f"field {short(unlisted[0])}: not in the contract, which has no field for the rest"
            return
        rest = event.get(self._rest)
        taken = rest.keys() if isinstance(rest, dict) else ()
        for name in unlisted:
            if name in taken:
                yield f"field {short(name)}: not in the contract, and in {self._rest!r} already"

    def _not_columns(self, unlisted: list[str]) -> Iterator[str]:
        seen: dict[str, str] = {}
        for name in unlisted:
            column = name.upper()
            if column in seen:
                yield f"field {short(name)}: differs from {short(seen[column])} in case only"
            elif len(name) > _COLUMN_CHARACTERS:
                yield f"field {short(name)}: {len(name)} characters, and a column has at most {_COLUMN_CHARACTERS}"
            seen[column] = name
        if len(unlisted) > _NEW_COLUMNS:
            yield f"{len(unlisted)} fields that the contract does not list, and a load adds at most {_NEW_COLUMNS}"


def _not_utf8(text: str) -> Flaw | None:
    """The flaw of a text with bytes that were no UTF-8, which the decoder escaped."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        byte = ord(text[error.start]) - 0xDC00
        at = len(text[: error.start].encode()) + 1
        return Flaw(Reason.NOT_UTF8, f"not UTF-8 text: 0x{byte:02x} at byte {at}")
    return None


def _describe(error: jsonschema_rs.ValidationError) -> str:
    kind = error.kind
    path = ".".join(map(str, error.instance_path))
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
        name = f"{path}.{kind.property}" if path else kind.property
        return f"field {name!r}: missing, but required"
    problem = error.message.replace(_MASK, short(error.instance), 1)
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Format):
        problem += f"; allowed: {_EXAMPLES.get(kind.format, kind.format)}"
    return f"field {path!r}: {problem}" if path else problem
