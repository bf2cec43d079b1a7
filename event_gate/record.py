"""One record of a request, and the text in it."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_GZIP = b"\x1f\x8b"


class TooLargeError(Exception):
    """The data would decompress to more than is allowed."""


class DamagedError(Exception):
    """The compressed data cannot be read."""


@dataclass(frozen=True)
class Record:
    """One record, as Firehose passes it on.

    Attributes:
        record_id: Firehose's name for it in this request.
        data: as it was sent.
        arrived: when the stream took it, in milliseconds since the epoch.
        source: its place in the Data Stream, where there is one.
        position: a name that stays the same when Firehose passes the record on again: its place in the Data Stream,
            with a checksum, since the records of an aggregate may share a place. Records that are put directly
            have none: their content and arrival stand for it.
    """

    record_id: str
    data: bytes
    arrived: int
    source: Mapping[str, str]
    position: str

    @classmethod
    def of(cls, given: Mapping[str, Any], seen: Counter[str]) -> Record:
        """Read an entry of a request's `records`; `seen` counts the equal ones before it."""
        metadata = given.get("kinesisRecordMetadata") or {}
        names = ("shardId", "sequenceNumber", "subsequenceNumber")
        source = {name: str(metadata[name]) for name in names if name in metadata}
        data, arrived = base64.b64decode(given["data"]), int(given["approximateArrivalTimestamp"])
        place = ":".join(source.values())
        position = f"{place}:{zlib.crc32(data):08x}" if place else _fingerprint(data, arrived)
        seen[position] += 1
        if seen[position] > 1:
            position = f"{position}:{seen[position]}"
        return cls(given["recordId"], data, arrived, source, position)

    @property
    def received_at(self) -> str:
        """The arrival as RFC 3339, with milliseconds."""
        moment = datetime.fromtimestamp(self.arrived / 1000, UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{self.arrived % 1000:03d}Z"

    @property
    def is_compressed(self) -> bool:
        """True if the data is gzip."""
        return self.data.startswith(_GZIP)

    def text(self, limit: int) -> tuple[str, bytes]:
        """The text, with bytes that are not UTF-8 escaped; and bytes that follow compressed data.

        Raises:
            TooLargeError: it has more than `limit` bytes.
            DamagedError: it is compressed and damaged.
        """
        data, rest = _inflated(self.data, limit) if self.is_compressed else (self.data, b"")
        if len(data) > limit:
            raise TooLargeError
        return data.decode("utf-8", "surrogateescape").removeprefix("\ufeff"), rest


def _fingerprint(data: bytes, arrived: int) -> str:
    return hashlib.sha256(b"%d\0%s" % (arrived, data)).hexdigest()[:32]


def _inflated(data: bytes, limit: int) -> tuple[bytes, bytes]:
    """The contents of all gzip members, and what follows them."""
    parts, size = [], 0
    while data.startswith(_GZIP):
        member = zlib.decompressobj(wbits=31)
        try:
            part = member.decompress(data, limit - size + 1)
        except zlib.error as error:
            raise DamagedError(f"the gzip data is corrupt ({error})") from error
        size += len(part)
        if size > limit:
            raise TooLargeError
        if not member.eof:
            raise DamagedError("the gzip data ends too early")
        parts.append(part)
        data = member.unused_data
    return b"".join(parts), data.strip(b"\0")
