"""Loads of single files, as COPY_HISTORY shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from snowflake_setup.session.session import Row
from snowflake_setup.sql.load_state import LoadState
from snowflake_setup.sql.timestamps import timestamp


@dataclass(frozen=True)
class FileLoad:
    """One file whose load is finished."""

    file: str
    state: LoadState
    received: datetime
    committed: datetime
    rows: int
    rejected: int
    size: int

    @property
    def is_in(self) -> bool:
        """True if rows of it are in the table."""
        return self.state is LoadState.LOADED

    @property
    def failed(self) -> bool:
        """True if none of it was loaded, because of its errors or because it was skipped."""
        return self.state is LoadState.FAILED

    @property
    def seconds(self) -> float:
        """Seconds from the notification of Snowpipe until the rows could be queried."""
        return max(0.0, (self.committed - self.received).total_seconds())

    @classmethod
    def read(cls, row: Row) -> FileLoad | None:
        """The load in a row of the history; None while it is in progress.

        Rows that are not in the table count as rejected, whether they or their file had an error.
        """
        state = LoadState.of(row)
        if (
            state is LoadState.IN_PROGRESS
            or row["last_load_time"] is None
            or row["pipe_received_time"] is None
        ):
            return None
        rows, parsed = _number(row["row_count"]), _number(row["row_parsed"])
        return cls(
            file=file_name(str(row["file_name"])),
            state=state,
            received=timestamp(row["pipe_received_time"]),
            committed=timestamp(row["last_load_time"]),
            rows=rows,
            rejected=max(_number(row["error_count"]), parsed - rows),
            size=_number(row["file_size"]),
        )


def read_loads(rows: Iterable[Row]) -> list[FileLoad]:
    """The finished loads."""
    read = (FileLoad.read(row) for row in rows)
    return [load for load in read if load is not None]


def file_name(path: str) -> str:
    """A file's name without its folder: it is unique, and does not depend on what the path is relative to."""
    return path.rsplit("/", 1)[-1]


def first_commits(loads: Sequence[FileLoad]) -> dict[str, datetime]:
    """The time at which the rows of each file could be queried, by the file's name."""
    commits: dict[str, datetime] = {}
    for load in loads:
        if load.is_in:
            commits[load.file] = min(load.committed, commits.get(load.file, load.committed))
    return commits


def _number(value: Any) -> int:
    return int(value or 0)
