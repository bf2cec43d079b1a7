"""The contract of an event, as the rest of the project uses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contract.columns import ID, REST, TIME, TYPE, SnowflakeType


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of an event, and its table column.

    `schema` holds the rules of its values, references resolved; it is shared, so treat it as read-only.
    """

    name: str
    column: str
    snowflake_type: SnowflakeType
    required: bool
    description: str
    examples: tuple[Any, ...]
    schema: Mapping[str, Any]

    @property
    def is_renamed(self) -> bool:
        """True if Snowflake would not find the column by the field's name."""
        return self.column != self.name.upper()


@dataclass(frozen=True, kw_only=True)
class EventContract:
    """The fields that producers may send and consumers may rely on, in the order of the contract.

    Attributes:
        schema: the JSON Schema itself, for validators; it is shared, so treat it as read-only.
    """

    title: str
    description: str
    fields: tuple[Field, ...]
    schema: Mapping[str, Any]

    @property
    def id(self) -> Field:
        """The field that identifies an event."""
        return self._of_column(ID)

    @property
    def type(self) -> Field:
        """The field with what happened."""
        return self._of_column(TYPE)

    @property
    def time(self) -> Field:
        """The field with the time at which it happened."""
        return self._of_column(TIME)

    @property
    def rest(self) -> Field | None:
        """The object that fields are put into which the contract does not list; None if it has none."""
        return next((field for field in self.fields if field.column == REST), None)

    def _of_column(self, column: str) -> Field:
        return next(field for field in self.fields if field.column == column)
