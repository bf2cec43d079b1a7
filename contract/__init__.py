"""The definition of an event: its fields, and the columns, checks and docs derived from them."""

from __future__ import annotations

from contract.checking import Checker, Unlisted, validator
from contract.columns import RESERVED_COLUMNS, SnowflakeType, snowflake_type
from contract.event import EventContract, Field
from contract.finding import DocumentFinder, Found, one_line
from contract.flaws import Flaw, Reason
from contract.loading import DEFAULT_PATH, load, parse
from contract.reference import markdown_table

__all__ = [
    "DEFAULT_PATH",
    "RESERVED_COLUMNS",
    "Checker",
    "DocumentFinder",
    "EventContract",
    "Field",
    "Flaw",
    "Found",
    "Reason",
    "SnowflakeType",
    "Unlisted",
    "load",
    "markdown_table",
    "one_line",
    "parse",
    "snowflake_type",
    "validator",
]
