"""Column types: the allowed ones, and comparison of those that DESC TABLE shows with those in a template."""

from __future__ import annotations

import re

_SIZED = re.compile(r"([A-Z_]+)\s*(?:\(\s*(\d{1,9})\s*(?:,\s*(\d{1,9})\s*)?\))?")
_NAMES = {
    "VARCHAR": "VARCHAR",
    "STRING": "VARCHAR",
    "TEXT": "VARCHAR",
    "NUMBER": "NUMBER",
    "DECIMAL": "NUMBER",
    "NUMERIC": "NUMBER",
    "INT": "NUMBER",
    "INTEGER": "NUMBER",
    "BIGINT": "NUMBER",
    "FLOAT": "FLOAT",
    "DOUBLE": "FLOAT",
    "REAL": "FLOAT",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "TIME": "TIME",
    "TIMESTAMP_LTZ": "TIMESTAMP_LTZ",
    "TIMESTAMP_NTZ": "TIMESTAMP_NTZ",
    "TIMESTAMP_TZ": "TIMESTAMP_TZ",
    "VARIANT": "VARIANT",
    "OBJECT": "OBJECT",
    "ARRAY": "ARRAY",
    "BINARY": "BINARY",
}
_SIZES_TAKEN = {
    "VARCHAR": 1,
    "NUMBER": 2,
    "TIME": 1,
    "TIMESTAMP_LTZ": 1,
    "TIMESTAMP_NTZ": 1,
    "TIMESTAMP_TZ": 1,
    "BINARY": 1,
}
# Sizes that DESC TABLE shows for a column without one; the longest VARCHAR and BINARY grew in 2025.
_DEFAULT_SIZES = {
    "VARCHAR": (134217728, 16777216),
    "NUMBER": (38,),
    "TIME": (9,),
    "TIMESTAMP_LTZ": (9,),
    "TIMESTAMP_NTZ": (9,),
    "TIMESTAMP_TZ": (9,),
    "BINARY": (67108864, 8388608),
}
_GROWING = {"VARCHAR", "NUMBER", "BINARY"}


def checked(text: str) -> str:
    """`text`, checked to be safe in SQL."""
    match = _SIZED.fullmatch(text.strip().upper())
    name = _NAMES.get(match[1]) if match else None
    sizes = [size for size in match.groups()[1:] if size] if match else []
    if name is None or len(sizes) > _SIZES_TAKEN.get(name, 0):
        raise ValueError(
            f"not a column type this project uses: {text!r}; allowed: {', '.join(sorted(_NAMES))}"
        )
    return text.strip().upper()


def holds(there: str, wanted: str) -> bool:
    """True if a column of type `there` keeps each value of type `wanted` unchanged: the same type, at least as large.

    Other types never do: NUMBER(3,1) rounds, TIMESTAMP_NTZ drops the offset, ARRAY wraps what is none, FLOAT is exact
    to 15 digits only, and a VARIANT's text is in quotes.
    """
    (name, size, scale), (wanted_name, wanted_size, wanted_scale) = _parts(there), _parts(wanted)
    return (name, scale) == (wanted_name, wanted_scale) and size >= wanted_size


def same(one: str, other: str) -> bool:
    """True if they are the same type, however it is written."""
    return holds(one, other) and holds(other, one)


def grows_to(there: str, wanted: str) -> bool:
    """True if Snowflake can alter a column of type `there` in place so that it holds `wanted`.

    Lengths and precisions may grow, a scale may not change.
    https://docs.snowflake.com/en/sql-reference/sql/alter-table-column
    """
    return _parts(there)[0] in _GROWING and holds(wanted, there)


def _parts(text: str) -> tuple[str, int, int]:
    """Name, size and scale of a type; an unknown type is its own name."""
    text = text.strip().upper()
    match = _SIZED.fullmatch(text)
    if match is None or match[1] not in _NAMES:
        return text, 0, 0
    name = _NAMES[match[1]]
    sizes = _DEFAULT_SIZES.get(name, (0,))
    size = int(match[2]) if match[2] else sizes[0]
    return name, sizes[0] if size in sizes else size, int(match[3] or 0)
