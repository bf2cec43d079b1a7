"""A reject, as read from one of the two folders of the lake."""

from __future__ import annotations

import base64
import gzip
import hashlib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from contract import DocumentFinder

PROCESSING_FAILED = "processing_failed"
"""The reason of records that the gate failed on; Firehose keeps them as they were sent."""
GZIP = b"\x1f\x8b"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One reject.

    Attributes:
        reject_id: the same for each copy of it.
        at: when the stream took its record.
        events: the kind of event.
        reason: for counting.
        message: for the sender.
        source: its position in the stream, or the failed calls.
        data: the original bytes.
        key: the object that holds it.
        lines: its numbers among that object's lines or entries, from 1; empty for the object as a whole.
    """

    reject_id: str
    at: datetime
    events: str
    reason: str
    message: str
    source: Mapping[str, Any]
    data: bytes
    key: str
    lines: Sequence[int] = ()


def entries_of(body: bytes, *, key: str, events: str) -> Iterator[Entry]:
    """Read an object of either folder, plain or gzip.

    Raises:
        ValueError: it is damaged, or holds something else.
    """
    try:
        text = (gzip.decompress(body) if body.startswith(GZIP) else body).decode()
        finder = DocumentFinder()
        for number, found in enumerate(chain(finder.feed(text), finder.close()), start=1):
            read = _failed if "rawData" in found.value else _rejected
            yield replace(read(found.value, key, events), lines=(number,))
    except (OSError, EOFError, zlib.error, KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(
            f"{key} holds no rejects, or is damaged ({type(error).__name__}: {error})"
        ) from error


def _rejected(value: Mapping[str, Any], key: str, events: str) -> Entry:
    """A line that the gate wrote; bytes that are not UTF-8 are lone surrogates in its text."""
    return Entry(
        reject_id=value["id"],
        at=datetime.fromisoformat(value["received_at"]),
        events=events,
        reason=value["reason"],
        message=value["message"],
        source=value["source"],
        data=value["text"].encode("utf-8", "surrogateescape"),
        key=key,
    )


def _failed(value: Mapping[str, Any], key: str, events: str) -> Entry:
    """A record that Firehose gave up.

    https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-failure-handling.html
    """
    data, arrived = base64.b64decode(value["rawData"]), int(value["arrivalTimestamp"])
    return Entry(
        reject_id=hashlib.sha256(b"%d\0%s" % (arrived, data)).hexdigest()[:32],
        at=datetime.fromtimestamp(arrived / 1000, UTC),
        events=events,
        reason=PROCESSING_FAILED,
        message=f"{value.get('errorCode', 'unknown error')}: {value.get('errorMessage', '')}",
        source={name: value[name] for name in ("attemptsMade", "attemptEndingTimestamp") if name in value},
        data=data,
        key=key,
    )
