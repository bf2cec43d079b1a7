"""Values that follow their contract and still do not fit their column.

https://docs.snowflake.com/en/sql-reference/data-types-datetime and data-types-numeric. Where these do not say what
happens, the value is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from contract.columns import SnowflakeType

_TIME = re.compile(
    r"(?P<year>\d{4})-\d\d-\d\d(?P<t>[Tt])\d\d:\d\d:(?P<second>\d\d)(?:\.(?P<fraction>\d+))?"
    r"(?:(?P<z>[Zz])|[+-](?P<hours>\d\d):(?P<minutes>\d\d))"
)
_NANOSECONDS = 9
_ORDINARY_CHARACTERS = len("2026-11-22T10:15:30.123456789Z")
_FARTHEST_ZONE = 14 * 60
# Integers up to here are the same as doubles.
_WHOLE = 2**53


def misfit_of(snowflake_type: SnowflakeType) -> Callable[[Any], str | None] | None:
    """A function that says why a valid value does not fit a column of this type; None if all fit."""
    return _MISFITS.get(snowflake_type)


def _of_time(value: object) -> str | None:
    if not isinstance(value, str) or _is_ordinary(value):
        return None
    match = _TIME.fullmatch(value)
    if match is None:
        return None  # the contract's format refuses it
    if match["second"] == "60":
        return "a leap second, which Snowflake does not have; send second 59 or the next minute"
    if match["year"] == "0000":
        return "year 0, which Snowflake does not have"
    if match["t"] == "t" or match["z"] == "z":
        return "T and Z must be capital letters"
    if len(match["fraction"] or "") > _NANOSECONDS:
        return "a column keeps nine digits of a second"
    if match["hours"] and int(match["hours"]) * 60 + int(match["minutes"]) > _FARTHEST_ZONE:
        return "no time zone is more than 14 hours from UTC"
    return None


def _is_ordinary(time: str) -> bool:
    """True for most times, seen without a pattern: in UTC, up to nine digits of a second, and neither exception."""
    return (
        len(time) <= _ORDINARY_CHARACTERS
        and time[-1:] == "Z"
        and time[10:11] == "T"
        and time[17:19] != "60"
        and time[:4] != "0000"
    )


def _of_day(value: object) -> str | None:
    year_zero = isinstance(value, str) and value.startswith("0000")
    return "year 0, which Snowflake does not have" if year_zero else None


def _of_integer(value: object) -> str | None:
    unsafe = isinstance(value, float) and abs(value) > _WHOLE
    return "write so large an integer without a point or exponent" if unsafe else None


def _of_number(value: object) -> str | None:
    changed = isinstance(value, int) and int(float(value)) != value
    return "has more digits than a column keeps" if changed else None


_MISFITS: dict[SnowflakeType, Callable[[Any], str | None]] = {
    "TIMESTAMP_TZ": _of_time,
    "DATE": _of_day,
    "NUMBER(38,0)": _of_integer,
    "FLOAT": _of_number,
}
