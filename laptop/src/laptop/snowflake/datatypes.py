"""Column types of Snowflake, and the DuckDB types that store them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from laptop.snowflake import errors

_SYNONYMS = {
    "VARCHAR": "VARCHAR TEXT STRING CHAR CHARACTER NVARCHAR",
    "NUMBER": "NUMBER NUMERIC DECIMAL INT INTEGER BIGINT SMALLINT TINYINT BYTEINT",
    "FLOAT": "FLOAT FLOAT4 FLOAT8 DOUBLE REAL",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "TIME": "TIME",
    "TIMESTAMP_NTZ": "TIMESTAMP_NTZ TIMESTAMPNTZ TIMESTAMP DATETIME",
    "TIMESTAMP_LTZ": "TIMESTAMP_LTZ TIMESTAMPLTZ",
    "TIMESTAMP_TZ": "TIMESTAMP_TZ TIMESTAMPTZ",
    "VARIANT": "VARIANT",
    "OBJECT": "OBJECT",
    "ARRAY": "ARRAY",
}
_BASES = {synonym: base for base, synonyms in _SYNONYMS.items() for synonym in synonyms.split()}
_INTEGERS = {"INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "BYTEINT"}
_PHYSICAL = {
    "FLOAT": "DOUBLE",
    "TIMESTAMP_NTZ": "TIMESTAMP",
    "TIMESTAMP_LTZ": "TIMESTAMPTZ",
    # Text with the offset: DuckDB has no type that keeps it. Queries cast it: see queries/offsets.py.
    "TIMESTAMP_TZ": "VARCHAR",
    "VARIANT": "JSON",
    "OBJECT": "JSON",
    "ARRAY": "JSON",
}
MAX_LENGTH = 16_777_216
TIMESTAMPS = ("TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ")


@dataclass(frozen=True)
class DataType:
    """A column type of the stand-in; NUMBER has precision and scale, VARCHAR a length."""

    base: str
    precision: int = 38
    scale: int = 0
    length: int = MAX_LENGTH

    def __str__(self) -> str:
        match self.base:
            case "NUMBER":
                return f"NUMBER({self.precision},{self.scale})"
            case "VARCHAR":
                return f"VARCHAR({self.length})"
            case "TIME" | "TIMESTAMP_NTZ" | "TIMESTAMP_LTZ" | "TIMESTAMP_TZ":
                return f"{self.base}(9)"
            case base:
                return base

    @property
    def physical(self) -> str:
        """The DuckDB type that stores it."""
        if self.base == "NUMBER":
            return f"DECIMAL({self.precision},{self.scale})"
        return _PHYSICAL.get(self.base, self.base)


def make_type(word: str, arguments: tuple[int, ...] = ()) -> DataType:
    """The type that `word(arguments)` names.

    Raises:
        SnowflakeError: The stand-in has no such type, or the arguments are invalid.
    """
    base = _BASES.get(word)
    if base is None:
        raise errors.unsupported(f"data type {word}")
    match base, arguments:
        case _, ():
            return DataType(base)
        case "NUMBER", (precision,) if word not in _INTEGERS and 1 <= precision <= 38:
            return DataType(base, precision=precision)
        case "NUMBER", (precision, scale) if word not in _INTEGERS and 0 <= scale <= precision <= 38:
            return DataType(base, precision=precision, scale=scale)
        case "VARCHAR", (length,) if 1 <= length <= MAX_LENGTH:
            return DataType(base, length=length)
        case (("TIME" | "TIMESTAMP_NTZ" | "TIMESTAMP_LTZ" | "TIMESTAMP_TZ"), (9,)):
            return DataType(base)
    listed = ",".join(map(str, arguments))
    raise errors.unsupported(f"data type {word}({listed})")


_FROM_DUCKDB = {
    "DOUBLE": "FLOAT",
    "FLOAT": "FLOAT",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "TIME": "TIME",
    "TIMESTAMP": "TIMESTAMP_NTZ",
    "TIMESTAMP_NS": "TIMESTAMP_NTZ",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP_LTZ",
    "JSON": "VARIANT",
    "VARCHAR": "VARCHAR",
}


def from_duckdb(physical: str) -> DataType:
    """The Snowflake type of a result column that DuckDB calls `physical`."""
    if decimal := re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", physical):
        return DataType("NUMBER", precision=int(decimal[1]), scale=int(decimal[2]))
    if re.fullmatch(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?", physical):
        return DataType("NUMBER")
    if physical.endswith("]"):
        return DataType("ARRAY")
    if physical.startswith(("STRUCT", "MAP")):
        return DataType("OBJECT")
    return DataType(_FROM_DUCKDB.get(physical, "VARCHAR"))
