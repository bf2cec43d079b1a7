"""A reject, as read from one of the two folders of the lake."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from contract import DocumentFinder

PROCESSING_FAILED = "processing_failed"
"""The reason of records that the gate failed on; Firehose keeps them as they were sent."""
UNREADABLE = "unreadable"
"""The reason of what cannot be read in an object with rejects."""
GZIP = b"\x1f\x8b"
_GZIP_STREAM = 31


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One reject.

    Attributes:
        reject_id: the same for each copy of it.
        at: when the stream took its record.
        events: the kind of event; empty if it is not known.
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


def entries_of(
    body: bytes, *, key: str, events: str, written: datetime, failure: str = ""
) -> Iterator[Entry]:
    """Read an object of either folder, plain or gzip; what cannot be read in it is a separate entry.

    Args:
        body: the object's content.
        key: its key.
        events: its kind of event.
        written: when it was written.
        failure: Firehose's type of error, such as processing-failed; empty for the gate's folder.
    """
    content, is_cut = unpacked(body)
    blank = Entry(
        reject_id="", at=written, events=events, reason=UNREADABLE, message="", source={}, data=b"", key=key
    )
    number = 0
    for number, (text, value) in enumerate(_documents(content), start=1):
        try:
            read = _failed(value, text, failure, blank) if failure else _rejected(value, blank)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            read = _unreadable(text, f"no reject: {type(error).__name__}: {error}", blank)
        yield replace(read, lines=(number,))
    if is_cut:
        told = "the object is damaged: what follows its last entry cannot be unpacked"
        yield replace(_unreadable(body, told, blank), lines=(number + 1,))


def unpacked(body: bytes) -> tuple[bytes, bool]:
    """The content of an object as far as it can be read, and True if that is not all of it."""
    content = b""
    while body.startswith(GZIP):
        reader = zlib.decompressobj(wbits=_GZIP_STREAM)
        try:
            content += reader.decompress(body)
        except zlib.error:
            return content, True
        if not reader.eof:
            return content, True
        body = reader.unused_data
    return content + body, False


def _documents(content: bytes) -> Iterator[tuple[bytes, Any]]:
    """Each document with its text; None for a text that is none."""
    lines = [line for line in content.split(b"\n") if line.strip()]
    try:
        yield from zip(lines, list(map(json.loads, lines)), strict=True)
    except (ValueError, RecursionError):
        finder = DocumentFinder()
        text = content.decode("utf-8", "surrogateescape")
        for found in chain(finder.feed(text), finder.close()):
            yield found.text.encode("utf-8", "surrogateescape"), found.value


def _rejected(value: Any, blank: Entry) -> Entry:
    """A line that the gate wrote; bytes that are not UTF-8 are lone surrogates in its text."""
    return replace(
        blank,
        reject_id=str(value["id"]),
        at=datetime.fromisoformat(value["received_at"]).astimezone(UTC),
        reason=str(value["reason"]),
        message=str(value["message"]),
        source=dict(value["source"]),
        data=value["text"].encode("utf-8", "surrogateescape"),
    )


def _failed(value: Any, text: bytes, failure: str, blank: Entry) -> Entry:
    """A record that Firehose gave up; without its data, the entry as it is.

    https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-failure-handling.html
    """
    reason = failure.replace("-", "_")
    if not isinstance(value, dict) or "rawData" not in value:
        return replace(_unreadable(text, f"{failure}: of a form that is not known", blank), reason=reason)
    data, arrived = base64.b64decode(value["rawData"]), int(value["arrivalTimestamp"])
    return replace(
        blank,
        reject_id=_digest(b"%d\0%s" % (arrived, data)),
        at=datetime.fromtimestamp(arrived / 1000, UTC),
        reason=reason,
        message=f"{value.get('errorCode', 'unknown error')}: {value.get('errorMessage', '')}",
        source={name: value[name] for name in ("attemptsMade", "attemptEndingTimestamp") if name in value},
        data=data,
    )


def _unreadable(data: bytes, message: str, blank: Entry) -> Entry:
    return replace(blank, reject_id=_digest(blank.key.encode() + b"\0" + data), message=message, data=data)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
