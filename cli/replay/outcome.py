"""The result of a replay of files, on the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_MOST_SHOWN = 20


@dataclass(frozen=True)
class NotLoaded:
    """Lines of a file that are in no row.

    Attributes:
        file: its key.
        lines: their numbers, as `3,5-9`.
        count: how many these are.
        reason: Snowflake's first error in the file.
    """

    file: str
    lines: str
    count: int
    reason: str


@dataclass
class Outcome:
    """Result of a replay of files.

    Attributes:
        table: where the rows are.
        files: files that were read.
        lines: the lines in these.
        inserted: rows that were inserted.
        there: rows that were not, since they are in the table already, or in a repair object.
        not_loaded: lines that are in no row.
        done: files that an earlier run had loaded.
        left: the keys of files that the pipe may still load.
        expired: the keys of files whose rows have expired.
        reached: the beginning of the first hour that is not done; None if all are.
    """

    table: str
    files: int = 0
    lines: int = 0
    inserted: int = 0
    there: int = 0
    not_loaded: list[NotLoaded] = field(default_factory=list)
    done: int = 0
    left: list[str] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)
    reached: str | None = None

    @property
    def is_complete(self) -> bool:
        """True if every line of every file is in a row."""
        return not (self.not_loaded or self.left or self.expired or self.reached)

    def as_json_object(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "table": self.table,
            "files": self.files,
            "lines": self.lines,
            "inserted": self.inserted,
            "already_there": self.there,
            "not_loaded": [vars(each) for each in self.not_loaded],
            "done_before": self.done,
            "left_to_the_pipe": self.left,
            "expired": self.expired,
            "stopped_at": self.reached,
        }

    def as_lines(self, *, dry_run: bool) -> Iterator[tuple[str, str]]:
        """For people: names and values."""
        yield "table", self.table
        if dry_run:
            yield "inserted", "0 rows (dry run)"
        else:
            yield from self._loaded()
        if self.done:
            yield "loaded before", f"{self.done:,} files"
        if self.left:
            yield (
                "left out",
                f"{len(self.left):,} files that the pipe has not loaded yet; if they stay missing, announce them with "
                "`clickstream reconcile --repair`",
            )

        if self.expired:
            yield (
                "expired",
                f"{len(self.expired):,} files of hours whose rows rows.keep_days has deleted; replay them into a new "
                "table with --into",
            )

    def _loaded(self) -> Iterator[tuple[str, str]]:
        yield "read", f"{self.lines:,} lines of {self.files:,} files"
        yield "inserted", f"{self.inserted:,} rows"
        yield "there already", f"{self.there:,} rows"
        refused = sum(each.count for each in self.not_loaded)
        yield "not loaded", f"{refused:,} lines"
        for each in self.not_loaded[:_MOST_SHOWN]:
            yield "", f"{each.file} lines {each.lines}: {each.reason}"
        if len(self.not_loaded) > _MOST_SHOWN:
            yield "", f"and of {len(self.not_loaded) - _MOST_SHOWN:,} more files; --json has all"
