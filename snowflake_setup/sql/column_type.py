"""Column types: the allowed ones, and comparison of their spellings."""

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
# Types that DESC TABLE shows for a column without a size; the longest VARCHAR grew in 2025.
_DEFAULT_SIZES = {
    "VARCHAR": {"16777216", "134217728"},
    "NUMBER": {"38", "38,0"},
    "TIME": {"9"},
    "TIMESTAMP_LTZ": {"9"},
    "TIMESTAMP_NTZ": {"9"},
    "TIMESTAMP_TZ": {"9"},
    "BINARY": {"8388608", "67108864"},
}


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


def canonical(text: str) -> str:
    """The canonical spelling of a type, for comparison; an unknown type is returned unchanged."""
    match = _SIZED.fullmatch(text.strip().upper())
    if match is None or match[1] not in _NAMES:
        return text.strip().upper()
    name = _NAMES[match[1]]
    size = ",".join(part for part in match.groups()[1:] if part)
    if not size or size in _DEFAULT_SIZES.get(name, set()):
        return name
    if name == "NUMBER" and "," not in size:
        size += ",0"
    return f"{name}({size})"
