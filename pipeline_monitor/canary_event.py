"""The canary: an ordinary event, whose id contains the time at which it was sent.

The id depends only on the schedule, so an invocation that AWS repeats sends a duplicate, which deduplication removes.
The deduplicated view does not show canaries: their type begins with `_`.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

from clickstream_wire.columns import CANARY

_ID = re.compile(r"canary/(?P<sent>[0-9T:.-]+Z)/(?P<events>.+)")


def canary_id(sent: datetime, events: str) -> str:
    """The id of the canary sent at that time for that kind of event."""
    return f"canary/{_text(sent)}/{events}"


def canary_line(sent: datetime, events: str) -> bytes:
    """The event as a producer would send it: one JSON object, no line end (Firehose appends that)."""
    event = {"event_id": canary_id(sent, events), "event_type": CANARY, "timestamp": _text(sent)}
    return json.dumps(event, separators=(",", ":")).encode()


def sent_at(event_id: str) -> datetime | None:
    """The time at which a canary was sent, from its id; None for any other id."""
    match = _ID.fullmatch(event_id)
    try:
        return datetime.fromisoformat(match["sent"]) if match else None
    except ValueError:
        return None


def _text(sent: datetime) -> str:
    return sent.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
