"""Reasons for which a text is no event, or not one that a row can hold."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import NamedTuple

_SHOWN = 80


class Reason(StrEnum):
    """Kinds of flaws, for counting; a few, since each becomes a metric."""

    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    NOT_AN_EVENT = "not_an_event"
    """JSON, but no object."""
    CONTRACT = "contract"
    """A rule of the contract is broken."""
    NAME = "name"
    """A field's name has no place in a row."""
    VALUE = "value"
    """A value that no column gives back as it was sent."""
    DAMAGED = "damaged"
    """Compressed data that cannot be read."""
    TOO_LARGE = "too_large"


class Flaw(NamedTuple):
    """One reason, and the sentence for the sender."""

    reason: Reason
    text: str


def short(value: object) -> str:
    """A JSON value for a message: not longer than a line."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
