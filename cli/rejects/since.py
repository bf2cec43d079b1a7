"""The beginning of a period, as users write it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_AGO = re.compile(r"(\d{1,5})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def parse_since(text: str, now: datetime) -> datetime:
    """The time that `90m`, `24h`, `7d` or an ISO 8601 date or time stands for; without a time zone it is UTC.

    Raises:
        ValueError: it is none of these.
    """
    if ago := _AGO.fullmatch(text):
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is no time; allowed: 90m, 24h, 7d, 2026-11-22 or 2026-11-22T10:15Z"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
