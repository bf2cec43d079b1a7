"""Repair objects in the lake: written, and looked up by their origin."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from cli.deployment import Deployment
from cli.rejects.access import access
from cli.repair.ranges import as_text, from_text
from clickstream_wire.folders import HOUR_FOLDER
from clickstream_wire.repairs import fingerprint, repair_name, repaired

_LINES, _ORIGIN = "lines", "origin"
# S3 takes 2 KB of names and values; a key may have a kilobyte, and three times that once it is quoted.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
_METADATA_BYTES = 2000
_LINES_BYTES = 900


class RepairObjects:
    """The repair objects of a lake.

    Args:
        s3: a client.
        bucket: the lake's bucket.
    """

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    @classmethod
    def of(cls, deployment: Deployment) -> RepairObjects:
        """Those of an environment's lake.

        Raises:
            CommandError: it is not deployed, or AWS cannot be queried.
        """
        return cls(deployment.client("s3"), deployment.lake_bucket())

    def lines_of(self, folder: str, origin: str) -> dict[int, datetime]:
        """The lines of an origin that were dealt with, and when.

        Args:
            folder: the folder of the origin's hour.
            origin: its key.
        """
        prefix = f"{folder}repair-{fingerprint(origin)}-"
        with access(f"the repair objects in s3://{self._bucket}/{folder}"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            keys = [found["Key"] for page in pages for found in page.get("Contents", [])]
        return self.lines_in(keys)

    def lines_in(self, keys: Iterable[str]) -> dict[int, datetime]:
        """The lines of their origin that these repair objects deal with, and when they were written."""
        lines: dict[int, datetime] = {}
        for key in filter(repaired, keys):
            with access(f"s3://{self._bucket}/{key}"):
                head = self._s3.head_object(Bucket=self._bucket, Key=key)
            lines |= dict.fromkeys(from_text(head["Metadata"].get(_LINES, "")), head["LastModified"])
        return lines

    def write(self, folder: str, origin: str, lines: Mapping[int, bytes]) -> list[str]:
        """Write lines of an origin; return the keys of the objects.

        Args:
            folder: the folder of the origin's hour.
            origin: its key.
            lines: the text for each of its lines that is dealt with; empty if no event is in it.
        """
        keys = []
        for some in _fitting(sorted(lines)):
            numbers, content = as_text(some), b"".join(_ended(lines[number]) for number in some)
            key = f"{folder}{repair_name(origin, numbers, content)}"
            metadata = {_LINES: numbers}
            if len(quoted := quote(origin)) < _METADATA_BYTES - _LINES_BYTES:
                metadata[_ORIGIN] = quoted
            with access(f"s3://{self._bucket}/{key}"):
                self._s3.put_object(
                    Bucket=self._bucket,
                    Key=key,
                    Body=gzip.compress(content, mtime=0),
                    ContentType="application/gzip",
                    Metadata=metadata,
                )
            keys.append(key)
        return keys


def hour_folder(data_prefix: str, moment: datetime) -> str:
    """The folder of the lake for what arrived at that time."""
    return data_prefix + moment.astimezone(UTC).strftime(HOUR_FOLDER)


def _fitting(numbers: list[int]) -> Iterator[list[int]]:
    """The numbers in groups whose text fits into an object's metadata."""
    if len(as_text(numbers)) <= _LINES_BYTES:
        yield numbers
        return
    half = len(numbers) // 2
    yield from _fitting(numbers[:half])
    yield from _fitting(numbers[half:])


def _ended(text: bytes) -> bytes:
    return text if not text or text.endswith(b"\n") else text + b"\n"
