"""Points in time in the spellings Snowflake uses."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def instant(value: object) -> datetime:
    """A datetime with its zone, from LIST (RFC 1123), status JSON (ISO 8601) or a result (datetime)."""
    if isinstance(value, datetime):
        found = value
    else:
        text = str(value)
        # "Fri, 21 Nov 2026 12:34:56 GMT" has a comma after the day, ISO 8601 has none.
        found = parsedate_to_datetime(text) if "," in text else datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
