"""The two folders of rejects in an environment's lake."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from cli.deployment import Deployment
from cli.output import note
from cli.rejects.access import access
from cli.rejects.entry import GZIP, Entry, entries_of
from config.names import EventStream

_DAY = timedelta(days=1)
# A folder is listed as a whole rather than by more days than this.
_MOST_DAYS = 31
_READERS = 8


@dataclass(frozen=True, kw_only=True)
class StoredObject:
    """One object with rejects of one kind of event.

    Attributes:
        key: its key.
        events: the kind of event.
        written: when it was written.
        is_failed: whether Firehose wrote it, with whole records.
    """

    key: str
    events: str
    written: datetime
    is_failed: bool


class RejectLake:
    """Reads rejects from a bucket.

    Args:
        s3: a client; it is used by several threads.
        bucket: the lake's bucket.
    """

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    @classmethod
    def of(cls, deployment: Deployment) -> RejectLake:
        """The lake of an environment.

        Raises:
            CommandError: it is not deployed, or AWS cannot be queried.
        """
        return cls(deployment.client("s3"), deployment.lake_bucket())

    def objects(self, streams: Iterable[EventStream], since: datetime, now: datetime) -> list[StoredObject]:
        """All objects that may hold rejects that arrived since then, the oldest first.

        An object is in the folder of its first record's day; its other records may have arrived later.
        """
        first = (since - _DAY).astimezone(UTC).date()
        count = (now.date() - first).days + 1
        days = (
            [f"dt={first + _DAY * number:%Y-%m-%d}/" for number in range(count)]
            if count <= _MOST_DAYS
            else [""]
        )
        found = [
            stored
            for stream in streams
            for folder in (stream.reject_prefix, f"{stream.error_prefix}processing-failed/")
            for day in days
            for stored in self._listed(f"{folder}{day}", stream)
            if stored.written >= since
        ]
        return sorted(found, key=lambda stored: (stored.written, stored.key))

    def read(self, objects: Sequence[StoredObject]) -> Iterator[tuple[StoredObject, list[Entry]]]:
        """Read objects, a few at a time; a note is printed for one that is damaged."""
        with ThreadPoolExecutor(_READERS) as readers:
            left = iter(objects)
            while batch := list(islice(left, _READERS)):
                for stored, body in zip(
                    batch, readers.map(self._body, [stored.key for stored in batch]), strict=True
                ):
                    try:
                        yield stored, list(entries_of(body, key=stored.key, events=stored.events))
                    except ValueError as error:
                        note(f"skipped: {error}")

    def content(self, key: str) -> bytes:
        """The content of a file of the lake; a damaged one as it is."""
        body = self._body(key)
        try:
            return gzip.decompress(body) if body.startswith(GZIP) else body
        except (OSError, EOFError, zlib.error):
            return body

    def _listed(self, prefix: str, stream: EventStream) -> Iterator[StoredObject]:
        with access(f"the rejects in s3://{self._bucket}/{prefix}"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            for page in pages:
                for found in page.get("Contents", []):
                    yield StoredObject(
                        key=found["Key"],
                        events=stream.name,
                        written=found["LastModified"],
                        is_failed=prefix.startswith(stream.error_prefix),
                    )

    def _body(self, key: str) -> bytes:
        with access(f"s3://{self._bucket}/{key}"):
            body: bytes = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            return body
