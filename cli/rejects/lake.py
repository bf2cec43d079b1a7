"""The folders of rejects in an environment's lake: the gate's, and Firehose's, one for each type of error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from cli.deployment import Deployment
from cli.reconcile.lake import Lake, LakeFile, Record
from cli.rejects.access import access
from cli.rejects.entry import Entry, entries_of, unpacked
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
        failure: Firehose's type of error, if it wrote the object; with whole records.
    """

    key: str
    events: str
    written: datetime
    failure: str = ""

    @property
    def is_failed(self) -> bool:
        """True if Firehose wrote it."""
        return bool(self.failure)


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
            for folder, failure in self._folders(stream)
            for day in days
            for stored in self._listed(f"{folder}{day}", stream, failure)
            if stored.written >= since
        ]
        return sorted(found, key=lambda stored: (stored.written, stored.key))

    def read(self, objects: Sequence[StoredObject]) -> Iterator[tuple[StoredObject, list[Entry]]]:
        """Read objects, a few at a time."""
        with ThreadPoolExecutor(_READERS) as readers:
            left = iter(objects)
            while batch := list(islice(left, _READERS)):
                for stored, body in zip(
                    batch, readers.map(self._body, [stored.key for stored in batch]), strict=True
                ):
                    entries = entries_of(
                        body,
                        key=stored.key,
                        events=stored.events,
                        written=stored.written,
                        failure=stored.failure,
                    )
                    yield stored, list(entries)

    def content(self, key: str) -> bytes:
        """The content of a file of the lake; a damaged one as it is."""
        body = self._body(key)
        content, is_cut = unpacked(body)
        return body if is_cut else content

    def record(self, key: str, number: int) -> bytes:
        """A record of a file of the lake, as Snowflake counts rows; nothing if the file has fewer."""
        records = self.records(key)
        return records[number - 1].data if number <= len(records) else b""

    def records(self, key: str) -> list[Record]:
        """The records of a file of the lake."""
        return Lake(self._s3, self._bucket).records(LakeFile(key, 0, datetime.min))

    def _folders(self, stream: EventStream) -> Iterator[tuple[str, str]]:
        """The folders of a kind of event, with Firehose's type of error."""
        yield stream.reject_prefix, ""
        with access(f"the failures in s3://{self._bucket}/{stream.error_prefix}"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=stream.error_prefix, Delimiter="/"
            )
            found = [folder["Prefix"] for page in pages for folder in page.get("CommonPrefixes", [])]
        for folder in found:
            yield folder, folder.removeprefix(stream.error_prefix).rstrip("/")

    def _listed(self, prefix: str, stream: EventStream, failure: str) -> Iterator[StoredObject]:
        with access(f"the rejects in s3://{self._bucket}/{prefix}"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            for page in pages:
                for found in page.get("Contents", []):
                    yield StoredObject(
                        key=found["Key"],
                        events=stream.name,
                        written=found["LastModified"],
                        failure=failure,
                    )

    def _body(self, key: str) -> bytes:
        with access(f"s3://{self._bucket}/{key}"):
            body: bytes = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            return body
