"""The comparison of events with their rows: every key and value, read back as JSON."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.e2e.laptop import Laptop, eventually
from tests.exactness.events import Sent

_LISTED = ("event_id", "event_type", "user_id", "page_id", "scroll_depth", "session_duration")


def differences(laptop: Laptop, sent: Sent, table: str = "click_events") -> list[str]:
    """All values of rows that are not as they were sent, and all events without a row."""
    rows = {
        row["EVENT_ID"]: row
        for row in laptop.query(f"SELECT * FROM {table} WHERE STARTSWITH(event_id, 'exact-')")
    }
    found = [f"{event_id}: a row that must not be there" for event_id in rows.keys() - sent.rows.keys()]
    for event_id, event in sent.rows.items():
        if event_id in rows:
            found += _differing(event, rows[event_id])
        else:
            found.append(f"{event_id}: no row")
    return found


def rejects_in(laptop: Laptop, prefix: str = "rejects/clicks/") -> Counter[str]:
    """Number of rejects in the lake by reason; each id once."""
    s3, outputs = laptop.client("s3"), _lake(laptop)
    found: dict[str, str] = {}
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=outputs, Prefix=prefix)
    for page in pages:
        for each in page.get("Contents", []):
            body = s3.get_object(Bucket=outputs, Key=each["Key"])["Body"].read()
            for line in gzip.decompress(body).splitlines() if each["Key"].endswith(".gz") else ():
                entry = json.loads(line)
                found[entry["id"]] = entry["reason"]
    return Counter(found.values())


def settled(laptop: Laptop, sent: Sent, rejects_before: Counter[str]) -> None:
    """Wait until all is a row or a reject, or fail after a while."""
    wanted = len(sent.rows), sum(sent.rejects.values())

    def state() -> tuple[int, int]:
        (row,) = laptop.query(
            "SELECT COUNT(DISTINCT event_id) AS n FROM click_events WHERE STARTSWITH(event_id, 'exact-')"
        )
        return int(row["N"]), (rejects_in(laptop) - rejects_before).total()

    try:
        eventually(lambda: state() == wanted)
    except AssertionError:
        raise AssertionError(f"{wanted} rows and rejects expected, found {state()}") from None


def _differing(event: dict[str, Any], row: dict[str, Any]) -> Iterator[str]:
    unlisted = {
        name: value for name, value in event.items() if name not in (*_LISTED, "timestamp", "properties")
    }
    rest = {**(event.get("properties") or {}), **unlisted}
    kept = json.loads(row["PROPERTIES"]) if row["PROPERTIES"] is not None else None
    expected = {
        **{name: event.get(name) for name in _LISTED},
        "properties": rest if unlisted or event.get("properties") is not None else None,
        "timestamp": datetime.fromisoformat(event["timestamp"]),
    }
    read = {
        **{name: row[name.upper()] for name in _LISTED},
        "properties": kept,
        "timestamp": row["TIMESTAMP"],
    }
    for name, value in expected.items():
        if not _same(value, read[name]):
            yield f"{event['event_id']}: {name} was {value!r}, the row has {read[name]!r}"
    if row["RECEIVED_AT"] is None:
        yield f"{event['event_id']}: no time of arrival"


def _same(one: Any, other: Any) -> bool:
    """True if both are the same JSON value, or the same moment with the same offset."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one == other and one.utcoffset() == other.utcoffset()
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def _lake(laptop: Laptop) -> str:
    (bucket,) = (
        output["OutputValue"]
        for stack in laptop.client("cloudformation").describe_stacks()["Stacks"]
        for output in stack.get("Outputs", [])
        if output["OutputKey"] == "LakeBucketName"
    )
    return str(bucket)
