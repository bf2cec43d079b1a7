"""The spool: a bounded file for records that the stream refused for longer than the retries last."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from producer.checking import Event
from producer.errors import SpoolError
from producer.packing import Record
from producer.target import Limits, Target

SPOOL_MIB = 1024
_LEAST_BYTES = 64 * 1024
_TABLE = """CREATE TABLE IF NOT EXISTS records
    (number INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, ids TEXT NOT NULL, data BLOB NOT NULL)"""


class Stored(NamedTuple):
    """A record in the spool; numbers ascend with age."""

    number: int
    record: Record


class Spool:
    """A SQLite database of records, oldest first; one process at a time may open it.

    Use it as a context manager. What `add` has stored survives a kill and a power failure.

    Args:
        path: the file; created if there is none.
        max_bytes: the most that the file may hold; while it is written to, a journal of about a call may be added.

    Raises:
        ValueError: `max_bytes` is too small.
        SpoolError: the file cannot be opened, is no spool, or is in use by another process.
    """

    def __init__(self, path: Path, *, max_bytes: int = SPOOL_MIB * 1024**2) -> None:
        if max_bytes < _LEAST_BYTES:
            raise ValueError(f"a spool must have at least {_LEAST_BYTES:,} bytes, got {max_bytes:,}")
        self.path = path
        try:
            self._database = sqlite3.connect(path, timeout=0, isolation_level=None)
            # The lock of the first write is kept until the file is closed.
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._database.execute("PRAGMA synchronous = FULL")
            with self._database:
                self._database.execute("BEGIN EXCLUSIVE")
                self._database.execute(_TABLE)
            page = self._value("PRAGMA page_size")
            self._database.execute(f"PRAGMA max_page_count = {max_bytes // page}")
            self.last_before = self._value("SELECT COALESCE(MAX(number), 0) FROM records")
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                raise SpoolError(f"the spool {path} is in use by another process; name another") from error
            raise SpoolError(f"cannot open the spool {path}: {error}; name another file") from error

    @property
    def is_empty(self) -> bool:
        """True if no record waits."""
        return not self._value("SELECT EXISTS (SELECT * FROM records)")

    def require(self, target: Target) -> None:
        """Refuse a spool with records of another target.

        Raises:
            SpoolError: it has some.
        """
        row = self._database.execute(
            "SELECT target FROM records WHERE target <> ? LIMIT 1", [str(target)]
        ).fetchone()
        if row:
            raise SpoolError(
                f"the spool {self.path} has events for {row[0]}, and this is {target}; "
                "send to that stream first, or name another spool"
            )

    def add(self, records: Sequence[Record], target: Target) -> Sequence[Record]:
        """Store records; return the last ones if these do not fit."""
        rows = [
            (str(target), json.dumps([event.event_id for event in one.events]), one.data) for one in records
        ]
        try:
            with self._database:
                self._database.execute("BEGIN")
                self._database.executemany("INSERT INTO records (target, ids, data) VALUES (?, ?, ?)", rows)
        except sqlite3.OperationalError:  # the file or the disk is full
            if len(records) == 1:
                return records
            half = len(records) // 2
            if left := self.add(records[:half], target):
                return [*left, *records[half:]]
            return self.add(records[half:], target)
        return []

    def oldest(self, limits: Limits) -> list[Stored]:
        """The oldest records, as many as one call may hold."""
        stored: list[Stored] = []
        room = limits.bytes_per_call
        for number, ids, data in self._database.execute(
            "SELECT number, ids, data FROM records ORDER BY number LIMIT ?", [limits.records_per_call]
        ):
            room -= len(data) + limits.overhead_per_record
            if room < 0:
                break
            events = zip(json.loads(ids), data.split(b"\n"), strict=True)
            stored.append(Stored(number, Record(data, tuple(Event(0, name, text) for name, text in events))))
        return stored

    def remove(self, numbers: Iterable[int]) -> None:
        """Remove records that were accepted.

        Raises:
            SpoolError: they cannot be removed, and would be sent again.
        """
        try:
            with self._database:
                self._database.execute("BEGIN")
                self._database.executemany(
                    "DELETE FROM records WHERE number = ?", [(one,) for one in numbers]
                )
        except sqlite3.Error as error:
            raise SpoolError(f"cannot remove sent events from the spool {self.path}: {error}") from error

    def close(self) -> None:
        """Close the file; an empty one gives its space back."""
        try:
            if self.is_empty and self._value("PRAGMA freelist_count"):
                self._database.execute("VACUUM")
        except sqlite3.Error:  # the space stays taken
            pass
        finally:
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _value(self, query: str) -> int:
        return int(self._database.execute(query).fetchone()[0])
