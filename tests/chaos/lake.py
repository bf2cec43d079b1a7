"""The contents of lake and table, read without the product's code: an independent count."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.plan import Plan
from tests.chaos.scene import Scene

_REPAIR = "/repair-"
_OTHER = "another's"  # a canary, or an event of another run


@dataclass
class Lake:
    """The objects of one kind of event that hold texts of a plan; each is read once.

    Attributes:
        lines: for each data object, the id in each of its lines, in order; None for an empty line.
        rejected: the text of each reject, by its object and id.
        given_up: the ids in the records of each object of the error folder.
    """

    scene: Scene
    plan: Plan
    lines: dict[str, list[str | None]] = field(default_factory=dict)
    rejected: dict[tuple[str, str], bytes] = field(default_factory=dict)
    given_up: dict[str, list[str]] = field(default_factory=dict)
    _read: set[str] = field(default_factory=set)

    def look(self) -> None:
        """Read the objects that are new."""
        clicks = self.scene.clicks
        for key, body in self._new(clicks.data_prefix):
            lines = _unpacked(body).removesuffix(b"\n").split(b"\n")
            self.lines[key] = [(self.id_in(line) or _OTHER) if line.strip() else None for line in lines]
        for key, body in self._new(clicks.reject_prefix):
            for entry in _entries(body):
                self.rejected[key, entry["id"]] = entry["text"].encode("utf-8", "surrogateescape")
        for key, body in self._new(clicks.error_prefix):
            raw = [base64.b64decode(entry["rawData"]) for entry in _entries(body) if "rawData" in entry]
            self.given_up[key] = [found for data in raw for found in self.ids_in(data)]

    def id_in(self, data: bytes) -> str | None:
        """The first id of the plan in a text."""
        return next(self.ids_in(data), None)

    def ids_in(self, data: bytes) -> Iterator[str]:
        """The ids of the plan in a text, in any encoding: each event's once, by its id or else by its whole page."""
        ids = rb"%s-(?:bad-)?(?:\d+|bomb)" % re.escape(self.plan.run.encode())
        text = _unpacked(data).replace(b"\0", b"")
        found = [match[0].decode() for match in re.finditer(rb"(?<!/)" + ids, text)]
        pages = {match[0].decode(): None for match in re.finditer(rb"(?<=/)" + ids + rb"(?=[\"'])", text)}
        yield from found
        yield from (each for each in pages if each not in found)

    @property
    def seen(self) -> set[str]:
        """All ids that have arrived somewhere in the lake."""
        in_lines = {found for lines in self.lines.values() for found in lines if found}
        in_rejects = {found for text in self.rejected.values() for found in self.ids_in(text)}
        return in_lines | in_rejects | {found for ids in self.given_up.values() for found in ids}

    @property
    def due(self) -> Counter[str]:
        """The number of rows that each event must have in the end: one for each time it was written or given up."""
        originals = (lines for key, lines in self.lines.items() if _REPAIR not in key)
        due = Counter(found for lines in originals for found in lines if found in self.plan.events)
        return due + Counter(
            found for ids in self.given_up.values() for found in ids if found in self.plan.events
        )

    def _new(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        s3, bucket = self.scene.laptop.client("s3"), self.scene.bucket
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for found in page.get("Contents", []):
                if (key := found["Key"]) not in self._read:
                    self._read.add(key)
                    yield key, s3.get_object(Bucket=bucket, Key=key)["Body"].read()


@dataclass(frozen=True)
class Rows:
    """The rows of a plan's events: for each file, how often it has the number and the event of a line."""

    by_file: Mapping[str, Counter[tuple[int, str]]]

    @classmethod
    def read(cls, scene: Scene, plan: Plan, table: str | None = None) -> Rows:
        """Read them from the table of the kind of event, or another one."""
        by_file: dict[str, Counter[tuple[int, str]]] = {}
        name = table or scene.clicks.table
        for row in scene.laptop.query(
            f"SELECT source_file, source_row, event_id FROM {name} WHERE STARTSWITH(event_id, '{plan.run}-')"
        ):
            by_file.setdefault(row["SOURCE_FILE"], Counter())[row["SOURCE_ROW"], row["EVENT_ID"]] += 1
        return cls(by_file)

    @property
    def all(self) -> Counter[str]:
        """The number of rows of each event."""
        return Counter(event for lines in self.by_file.values() for _, event in lines.elements())

    def once(self, files: Container[str]) -> Rows:
        """The same with the rows of these files once, however often they were loaded."""
        return Rows(
            {file: Counter(set(lines)) if file in files else lines for file, lines in self.by_file.items()}
        )


def missing_lines(lake: Lake, rows: Rows) -> dict[str, set[int]]:
    """The lines with an event that is not in the table, by object; numbered without empty ones, as loads do."""
    missing: dict[str, set[int]] = {}
    for key, lines in lake.lines.items():
        there = rows.by_file.get(key, ())
        for number, event in enumerate(filter(None, lines), start=1):
            if event in lake.plan.events and (number, event) not in there:
                missing.setdefault(key, set()).add(number)
    return missing


def _entries(body: bytes) -> Iterator[dict[str, Any]]:
    for line in _unpacked(body).splitlines():
        entry = json.loads(line)
        yield entry


def _unpacked(data: bytes) -> bytes:
    parts = []
    while data.startswith(b"\x1f\x8b"):
        member = zlib.decompressobj(wbits=31)
        parts.append(member.decompress(data))
        data = member.unused_data
    return b"".join(parts) or data
