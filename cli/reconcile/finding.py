"""The result of comparing one hour of one kind of event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cli.reconcile.lake import LakeFile, Record
from cli.repair.ranges import as_text


class Verdict(StrEnum):
    """The state of an hour, the worst last."""

    COMPLETE = "complete"
    EXPIRED = "expired"
    PARTIAL = "partial"
    MISSING = "missing"
    UNEXPLAINED = "unexplained"
    DOUBLED = "doubled"


@dataclass(frozen=True)
class Gap:
    """Lines of a file that are neither rows nor in a repair object.

    Attributes:
        file: the file.
        events: the lines that a row can hold.
        rejects: the others.
    """

    file: LakeFile
    events: Sequence[Record]
    rejects: Sequence[Record]


@dataclass
class Finding:
    """One hour of one kind of event.

    Attributes:
        events: the kind of event.
        hour: its beginning.
        files: the objects in its folder.
        rows: their rows in the table, each counted once.
        lines: their lines, if all are known.
        rejects: lines, and texts in rejects and failed records of this hour, that are listed by `clickstream rejects`.
        failed: records in the error folder that were not redriven; they may hold events.
        redriven: the others there.
        waiting: files that landed, or began to load, only now.
        missing: files that no pipe has seen.
        gaps: files with missing lines that their pipe will not load.
        doubled: the number of superfluous rows, by file.
        unexplained: files, and what is wrong with them.
        expired: whether rows of this hour may have been deleted by `rows.keep_days`, so that nothing can be said.
    """

    events: str
    hour: datetime
    files: Sequence[LakeFile] = ()
    rows: int = 0
    lines: int | None = None
    rejects: int = 0
    failed: int = 0
    redriven: int = 0
    waiting: list[LakeFile] = field(default_factory=list)
    missing: list[LakeFile] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    doubled: dict[str, int] = field(default_factory=dict)
    unexplained: dict[str, str] = field(default_factory=dict)
    expired: bool = False

    @property
    def verdict(self) -> Verdict:
        """The worst that was found."""
        if self.doubled:
            return Verdict.DOUBLED
        if self.unexplained:
            return Verdict.UNEXPLAINED
        if self.missing or self.waiting:
            return Verdict.MISSING
        if self.lacking or self.failed:
            return Verdict.PARTIAL
        return Verdict.EXPIRED if self.expired else Verdict.COMPLETE

    @property
    def lacking(self) -> list[Gap]:
        """The gaps in which events are."""
        return [gap for gap in self.gaps if gap.events]

    def as_json_object(self) -> Mapping[str, object]:
        """For scripts."""
        return {
            "events": self.events,
            "hour": f"{self.hour:%Y-%m-%dT%H:00Z}",
            "verdict": self.verdict,
            "objects": len(self.files),
            "lines": self.lines,
            "rows": self.rows,
            "rejects": self.rejects,
            "failed_records": self.failed,
            "redriven_records": self.redriven,
            "waiting_files": [file.key for file in self.waiting],
            "missing_files": [file.key for file in self.missing],
            "missing_lines": {
                gap.file.key: as_text(record.number for record in gap.events) for gap in self.lacking
            },
            "doubled": self.doubled,
            "unexplained": self.unexplained,
        }
