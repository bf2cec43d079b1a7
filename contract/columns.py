"""The Snowflake column for each kind of JSON value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from clickstream_wire.columns import EVENT_ID, EVENT_TYPE, LOADED_AT, RECEIVED_AT, SOURCE_FILE, SOURCE_ROW

SnowflakeType = Literal["VARCHAR", "TIMESTAMP_TZ", "DATE", "NUMBER(38,0)", "FLOAT", "BOOLEAN", "VARIANT"]

RESERVED_COLUMNS = frozenset({SOURCE_FILE, SOURCE_ROW, LOADED_AT, RECEIVED_AT})
"""Filled by the pipeline for every row: its source file and row, when it was loaded, when its event arrived."""
ID, TYPE, TIME, REST = EVENT_ID, EVENT_TYPE, "TIMESTAMP", "PROPERTIES"
"""Columns with a part to play: an event's id, type and time, and the object for fields that are not listed."""

COLUMN_KEY = "x-column"
"""Key of a field's schema that names its column, if it is not the field's name."""

NAME_RULE = "a letter or _, then letters, digits or _, at most 255 characters, all ASCII"
# ASCII only: upper-casing other letters can change their number ("ß" becomes "SS"), and with it the column.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")

_BY_TYPE: dict[str, SnowflakeType] = {
    "string": "VARCHAR",
    "integer": "NUMBER(38,0)",
    "number": "FLOAT",
    "boolean": "BOOLEAN",
    "object": "VARIANT",
    "array": "VARIANT",
}
_BY_STRING_FORMAT: dict[str, SnowflakeType] = {"date-time": "TIMESTAMP_TZ", "date": "DATE"}
# The formats JSON Schema 2020-12 defines. Any other is most likely a typo ("datetime"), which validators
# ignore and which would turn a timestamp column into text.
_STRING_FORMATS = (
    *("date", "date-time", "time", "duration"),
    *("email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6"),
    *("uri", "uri-reference", "uri-template", "iri", "iri-reference", "uuid"),
    *("json-pointer", "relative-json-pointer", "regex"),
)


def column_name(field_name: str, given: object = None) -> str:
    """The name of a field's column: its own name, unless another is given by `x-column`.

    Raises:
        ValueError: the name cannot be a column, or the pipe already fills a column of that name.
    """
    name = field_name if given is None else given
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        hint = "" if given is not None else f"; name its column with {COLUMN_KEY!r}"
        raise ValueError(f"name {name!r} cannot be a column; allowed: {NAME_RULE}{hint}")
    column = name.upper()
    if column in RESERVED_COLUMNS:
        reserved = ", ".join(sorted(RESERVED_COLUMNS))
        raise ValueError(f"column {column} is filled by the pipeline; any name but {reserved} is allowed")
    return column


def snowflake_type(schema: Mapping[str, Any]) -> SnowflakeType:
    """Choose the column type for values of one field's schema; null is allowed in any column.

    Raises:
        ValueError: there is no column type for the schema's type or format.
    """
    name = type_name(schema.get("type"))
    if name != "string" or "format" not in schema:
        return _BY_TYPE[name]
    text_format = schema["format"]
    if text_format not in _STRING_FORMATS:
        raise ValueError(f"format {text_format!r} is unknown; allowed: {', '.join(_STRING_FORMATS)}")
    return _BY_STRING_FORMAT.get(text_format, "VARCHAR")


def type_name(declared: object) -> str:
    """Reduce `"T"`, `["T"]` and `["T", "null"]` to T.

    Raises:
        ValueError: it is none of these.
    """
    names = [declared] if isinstance(declared, str) else declared
    if isinstance(names, list):
        kinds = [name for name in names if name != "null"]
        if len(kinds) == 1 and isinstance(kinds[0], str) and kinds[0] in _BY_TYPE:
            return kinds[0]
    raise ValueError(
        f"type {declared!r} has no column type; allowed: one of {', '.join(_BY_TYPE)}, alone or with 'null'"
    )
