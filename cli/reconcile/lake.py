"""The files in the lake's folders of hours, and the lines in a file."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from cli.deployment import Deployment
from cli.rejects.access import access
from cli.repair.objects import hour_folder
from contract import DocumentFinder, Flaw, Reason

HOUR = timedelta(hours=1)
_GZIP = b"\x1f\x8b"
# events/dt=2026-11-22/hh=10/file.gz
_IN_ITS_HOUR = re.compile(r"dt=\d{4}-\d\d-\d\d/hh=\d\d/.+$")


def place(key: str) -> str | None:
    """A file's path from the folder of its day, however its name is written in Snowflake; None outside of one."""
    match = _IN_ITS_HOUR.search(key)
    return match[0] if match else None


@dataclass(frozen=True)
class LakeFile:
    """A file of the lake.

    Attributes:
        key: its key in the bucket.
        size: its bytes, compressed.
        written: when it was written, or announced again.
    """

    key: str
    size: int
    written: datetime

    @property
    def place(self) -> str:
        """Its path from the folder of its day."""
        return place(self.key) or self.key

    @property
    def folder(self) -> str:
        """The folder of its hour."""
        return self.folder_of(self.key) or self.key

    @staticmethod
    def folder_of(key: str) -> str | None:
        """The folder of a key's hour; None if it is in none."""
        at = place(key)
        return key.removesuffix(at) + at[: len("dt=2026-11-22/hh=10/")] if at else None


@dataclass(frozen=True)
class Record:
    """One line of a file; each element of a line that is an array.

    Attributes:
        number: its number among the file's, from 1, as Snowflake counts rows.
        data: the text.
        value: the parsed document.
        flaws: why it is none that a row can hold; empty for an event.
    """

    number: int
    data: bytes
    value: Any
    flaws: tuple[Flaw, ...]


class Lake:
    """An environment's lake.

    Args:
        s3: a client.
        bucket: its bucket.
    """

    def __init__(self, s3: Any, bucket: str) -> None:
        self.s3 = s3
        self.bucket = bucket

    @classmethod
    def of(cls, deployment: Deployment) -> Lake:
        """The lake of an environment.

        Raises:
            CommandError: it is not deployed, or AWS cannot be queried.
        """
        return cls(deployment.client("s3"), deployment.lake_bucket())

    def files(self, data_prefix: str, hour: datetime) -> list[LakeFile]:
        """The files in the folder of an hour."""
        prefix = hour_folder(data_prefix, hour)
        with access(f"s3://{self.bucket}/{prefix}"):
            pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
            return [
                LakeFile(found["Key"], int(found["Size"]), found["LastModified"])
                for page in pages
                for found in page.get("Contents", [])
                if not found["Key"].endswith("/")
            ]

    def records(self, file: LakeFile) -> list[Record]:
        """The lines of a file; what is cut off at its end is a line that is no event."""
        with access(f"s3://{self.bucket}/{file.key}"):
            body: bytes = self.s3.get_object(Bucket=self.bucket, Key=file.key)["Body"].read()
        return list(_numbered(_content(body)))

    def announce_again(self, file: LakeFile) -> None:
        """Have S3 announce a file again, by writing it over itself."""
        where = {"Bucket": self.bucket, "Key": file.key}
        with access(f"s3://{self.bucket}/{file.key}"):
            head = self.s3.head_object(**where)
            kept = {name: head[name] for name in ("ContentType", "ContentEncoding") if name in head}
            self.s3.copy_object(
                **where, **kept, CopySource=where, MetadataDirective="REPLACE", Metadata=head["Metadata"]
            )


def _content(body: bytes) -> bytes:
    """The content of a file, as far as it can be read."""
    if not body.startswith(_GZIP):
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error):
        reader = zlib.decompressobj(wbits=31)
        try:
            return reader.decompress(body)
        except zlib.error:
            return b""


def _numbered(content: bytes) -> Iterator[Record]:
    number = 0
    for line in content.split(b"\n"):
        for record in _of_line(line):
            number += 1
            yield Record(number, *record)


def _of_line(line: bytes) -> Iterator[tuple[bytes, Any, tuple[Flaw, ...]]]:
    text = line.decode("utf-8", "surrogateescape").strip("\r\t ")
    finder = DocumentFinder()
    found = list(chain(finder.feed(text), finder.close()))
    is_array = text.startswith("[")
    if found and not is_array and len(found) > 1:
        yield line, None, (Flaw(Reason.NOT_JSON, "not JSON: several documents in one line"),)
        return
    for each in found:
        flaws = list(each.flaws)
        if not flaws and not isinstance(each.value, dict):
            flaws.append(Flaw(Reason.NOT_AN_EVENT, "not an event: a JSON object is needed"))
        try:
            data = each.text.encode() if is_array else line.strip(b"\r\t ")
            text.encode()
        except UnicodeEncodeError:
            data = each.text.encode("utf-8", "surrogateescape")
            flaws.append(Flaw(Reason.NOT_UTF8, "not UTF-8 text"))
        yield data, each.value, tuple(flaws)
