"""Times and durations, as users write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_DURATION = re.compile(r"(\d{1,5})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_duration(text: str) -> timedelta:
    """The duration that `30s`, `90m`, `24h` or `7d` stands for.

    Raises:
        ValueError: it is none of these.
    """
    if found := _DURATION.fullmatch(text):
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
    raise ValueError(f"{text!r} is no duration; allowed: 30s, 90m, 24h or 7d")


def parse_since(text: str, now: datetime) -> datetime:
    """The time that `90m`, `24h`, `7d` or an ISO 8601 date or time stands for; without a time zone it is UTC.

    Raises:
        ValueError: it is none of these.
    """
    if _DURATION.fullmatch(text):
        return now - parse_duration(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is no time; allowed: 90m, 24h, 7d, 2026-11-22 or 2026-11-22T10:15Z"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
