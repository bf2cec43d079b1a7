"""Timestamps in the formats Snowflake uses."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# "2026-11-23 12:00:00.000 -0800", Snowflake's default for a TIMESTAMP as text, is ISO 8601 except for one blank.
_BLANK_BEFORE_ZONE = re.compile(r" (?=(?:[+-][0-9:]+|Z)$)")


def timestamp(value: object) -> datetime:
    """A datetime with its zone.

    Args:
        value: from LIST (RFC 1123), status JSON (ISO 8601, or milliseconds since the epoch) or a result (datetime).

    Raises:
        ValueError: it is none of these.
    """
    if isinstance(value, datetime):
        found = value
    elif isinstance(value, int | float):
        found = datetime.fromtimestamp(value / 1000, UTC)
    else:
        text = _BLANK_BEFORE_ZONE.sub("", str(value).strip())
        # "Fri, 21 Nov 2026 12:34:56 GMT" has a comma after the day, ISO 8601 has none.
        found = parsedate_to_datetime(text) if "," in text else datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def instant(moment: datetime) -> str:
    """The moment as a TIMESTAMP_LTZ constant."""
    return f"TO_TIMESTAMP_LTZ('{moment.astimezone(UTC).isoformat(timespec='milliseconds')}')"
