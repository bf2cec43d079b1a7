"""The definition of the click event: its fields, and the columns, checks and docs derived from them."""

from __future__ import annotations

from contract.columns import RESERVED_COLUMNS, SnowflakeType, snowflake_type
from contract.event import EventContract, Field
from contract.loading import DEFAULT_PATH, load
from contract.reference import markdown_table

__all__ = [
    "DEFAULT_PATH",
    "RESERVED_COLUMNS",
    "EventContract",
    "Field",
    "SnowflakeType",
    "load",
    "markdown_table",
    "snowflake_type",
]
