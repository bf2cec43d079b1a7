"""Dates and times in text, in the formats that Snowflake recognizes by itself (AUTO).

https://docs.snowflake.com/en/sql-reference/date-time-input-output#supported-formats-for-auto-detection
"""

from __future__ import annotations

import datetime as dt
import re

_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_MONTH = f"(?P<mon>{'|'.join(_MONTHS)})"
_CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,9}))?)?"
_ZONE = r"\s?(?P<zone>Z|[+-]\d\d(?::?\d\d)?)"
_ISO = r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
_AMERICAN = r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})"
_WEEKDAY = r"(?:MON|TUE|WED|THU|FRI|SAT|SUN)"


def _pattern(text: str) -> re.Pattern[str]:
    # Names of months in any case; T and Z as capital letters only: Snowflake does not say that it takes small ones.
    return re.compile(text.replace(_MONTH, f"(?i:{_MONTH})").replace(_WEEKDAY, f"(?i:{_WEEKDAY})"))


_DATES = [_pattern(_ISO), _pattern(_AMERICAN), _pattern(rf"(?P<day>\d\d)-{_MONTH}-(?P<year>\d{{4}})")]
_TIMESTAMPS = [
    _pattern(rf"{_ISO}[T ]{_CLOCK}(?:{_ZONE})?"),
    _pattern(rf"{_ISO}T(?P<hour>\d\d)(?:{_ZONE})?"),
    _pattern(rf"{_AMERICAN} {_CLOCK}"),
    _pattern(rf"(?:{_WEEKDAY}, )?(?P<day>\d{{1,2}}) {_MONTH} (?P<year>\d{{4}}) {_CLOCK}(?:{_ZONE})?"),
    _pattern(rf"{_WEEKDAY} {_MONTH} (?P<day>\d{{1,2}}) {_CLOCK}{_ZONE} (?P<year>\d{{4}})"),
]
_TIME = _pattern(_CLOCK)


def timestamp(text: str) -> dt.datetime | None:
    """The time in the text, with its offset if it has one; None if it is none."""
    found = _first(_TIMESTAMPS, text)
    if found is None:
        return None
    try:
        return dt.datetime.combine(_day(found), _clock(found), tzinfo=_zone(found.get("zone")))
    except ValueError:
        return None


def date(text: str) -> dt.date | None:
    """The date in the text; None if it is none."""
    found = _first(_DATES, text)
    try:
        return _day(found) if found else None
    except ValueError:
        return None


def time(text: str) -> dt.time | None:
    """The time of day in the text; None if it is none. Snowflake has no second 60."""
    found = _first([_TIME], text)
    try:
        return _clock(found) if found else None
    except ValueError:
        return None


def _first(patterns: list[re.Pattern[str]], text: str) -> dict[str, str | None] | None:
    return next((m.groupdict() for pattern in patterns if (m := pattern.fullmatch(text.strip()))), None)


def _day(found: dict[str, str | None]) -> dt.date:
    name = found.get("mon")
    month = _MONTHS.index(name.upper()) + 1 if name else int(found["month"] or 0)
    return dt.date(int(found["year"] or 0), month, int(found["day"] or 0))


def _clock(found: dict[str, str | None]) -> dt.time:
    # DuckDB keeps microseconds.
    microseconds = int((found.get("fraction") or "").ljust(6, "0")[:6])
    hour, minute, second = (int(found.get(part) or 0) for part in ("hour", "minute", "second"))
    return dt.time(hour, minute, second, microseconds)


def _zone(text: str | None) -> dt.timezone | None:
    if text is None:
        return None
    if text == "Z":
        return dt.UTC
    minutes = int(text[1:3]) * 60 + int(text[3:].lstrip(":") or 0)
    return dt.timezone(dt.timedelta(minutes=-minutes if text[0] == "-" else minutes))
