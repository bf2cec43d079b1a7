"""The line of the lake for an event: its fields under their columns' names, all others in the object for the rest."""

from __future__ import annotations

import json
from typing import Any

from clickstream_wire.columns import RECEIVED_AT
from contract import EventContract, Found, one_line

_RECEIVED_AT = RECEIVED_AT.lower()


class Folder:
    """Writes the events of one contract."""

    def __init__(self, contract: EventContract) -> None:
        self._keys = {
            field.name: field.column.lower() if field.is_renamed else field.name for field in contract.fields
        }
        self._names = frozenset(self._keys)
        self._renames = any(field.is_renamed for field in contract.fields)
        self._rest = contract.rest.name if contract.rest else ""

    def line(self, found: Found, received_at: str) -> tuple[str, int]:
        """The line of an event that has been checked, and how many fields were put into the object for the rest."""
        event: dict[str, Any] = found.value
        if self._renames or not self._names.issuperset(event):
            return self._folded(event, received_at)
        text = one_line(found)
        return f'{text[:-1]},"{_RECEIVED_AT}":"{received_at}"}}', 0

    def _folded(self, event: dict[str, Any], received_at: str) -> tuple[str, int]:
        line = {self._keys[name]: value for name, value in event.items() if name in self._keys}
        unlisted = {name: value for name, value in event.items() if name not in self._keys}
        if unlisted:
            rest = self._keys[self._rest]
            line[rest] = {**(line.get(rest) or {}), **unlisted}
        line[_RECEIVED_AT] = received_at
        return json.dumps(line, ensure_ascii=False, separators=(",", ":")), len(unlisted)
