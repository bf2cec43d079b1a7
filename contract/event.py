"""The contract of an event, as the rest of the project uses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contract.columns import SnowflakeType


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of an event, and its table column."""

    name: str
    column: str
    snowflake_type: SnowflakeType
    required: bool
    description: str
    examples: tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class EventContract:
    """The fields that producers may send and consumers may rely on, in the order of the contract.

    `schema` is the JSON Schema itself, for validators; it is shared, so treat it as read-only.
    """

    title: str
    description: str
    fields: tuple[Field, ...]
    schema: Mapping[str, Any]
