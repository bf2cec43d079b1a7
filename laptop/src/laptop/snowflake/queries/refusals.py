"""DuckDB's refusals: a user's mistake gets Snowflake's error, all others are limits of the stand-in."""

from __future__ import annotations

import re
from dataclasses import dataclass

import duckdb

from laptop.snowflake import errors
from laptop.snowflake.errors import COMPILATION, SnowflakeError
from laptop.snowflake.queries.sources import Sources


@dataclass(frozen=True)
class _Mistake:
    """DuckDB's words for a mistake, as a pattern, and Snowflake's error with the matched groups."""

    pattern: str
    message: str
    errno: int
    sqlstate: str


# Numbers, states and wording as in Snowflake's documentation and reports of its users, e.g.
# https://docs.snowflake.com/en/sql-reference/functions/div0 and .../functions/try_cast.
_MISTAKES = (
    _Mistake(
        r"""Could not convert string ['"](.*)['"] to BOOL""",
        "Boolean value '{}' is not recognized",
        100037,
        "22018",
    ),
    _Mistake(
        r"""Could not convert string ['"](.*)['"] to (?:U?[A-Z]*INT\d*|DECIMAL|DOUBLE|FLOAT)""",
        "Numeric value '{}' is not recognized",
        100038,
        "22018",
    ),
    _Mistake(r'invalid date field format: "(.*?)"', "Date '{}' is not recognized", 100040, "22007"),
    _Mistake(r'invalid timestamp field format: "(.*?)"', "Timestamp '{}' is not recognized", 100035, "22007"),
    _Mistake(r'time field value out of range: "(.*?)"', "Time '{}' is not recognized", 100108, "22007"),
    _Mistake(
        r"Could not cast value (\S+) to DECIMAL",
        "Number out of representable range: type FIXED, value {}",
        100046,
        "22003",
    ),
    _Mistake(r"Division by zero", "Division by zero", 100051, "22012"),
    _Mistake(r"NOT NULL constraint failed", "NULL result in a non-nullable column", 100072, "22000"),
    _Mistake(
        r'column "(.*?)" must appear in the GROUP BY',
        f"{COMPILATION}[{{}}] is not a valid group by expression",
        979,
        "42601",
    ),
)
_UNKNOWN_FUNCTION = re.compile(r"Function with name (\S+) does not exist")


def refusal(error: duckdb.Error, sources: Sources) -> SnowflakeError:
    """The error to show for one of DuckDB."""
    message = sources.readable(str(error).splitlines()[0])
    for mistake in _MISTAKES:
        if found := re.search(mistake.pattern, message):
            text = mistake.message.format(*found.groups())
            return SnowflakeError(text, errno=mistake.errno, sqlstate=mistake.sqlstate)
    if unknown := _UNKNOWN_FUNCTION.search(message):
        return errors.unsupported(f"function {unknown[1].upper()}")
    return errors.unsupported(f"its engine, DuckDB, says: {message}")
