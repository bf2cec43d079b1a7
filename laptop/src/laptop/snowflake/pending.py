"""Files that a pipe was notified of and has not loaded yet; they survive a crash."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from laptop.snowflake.objects import Pipe
from laptop.snowflake.store import Store


@dataclass(frozen=True)
class PendingFile:
    """A file waiting for its pipe."""

    key: str
    received_on: dt.datetime
    modified_on: dt.datetime


class PendingFiles:
    """The pending files of all pipes, oldest first."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, pipe: Pipe) -> list[PendingFile]:
        """The pending files of this pipe."""
        rows = self._store.rows(
            "SELECT path, received_on, modified_on FROM account.pending_files WHERE pipe_id = ? "
            "ORDER BY received_on, modified_on, path",
            [pipe.id],
        )
        return [PendingFile(*row) for row in rows]

    def add(self, pipe: Pipe, files: list[PendingFile]) -> None:
        """Queue files, each once."""
        waiting = {file.key for file in self.of(pipe)}
        new = {file.key: file for file in files if file.key not in waiting}
        rows = [(pipe.id, file.key, file.received_on, file.modified_on) for file in new.values()]
        self._store.insert_many("pending_files", rows)

    def remove(self, pipe: Pipe, keys: set[str]) -> None:
        """Remove files that need not be loaded."""
        for key in sorted(keys):
            self._store.execute(
                "DELETE FROM account.pending_files WHERE pipe_id = ? AND path = ?", [pipe.id, key]
            )

    def forget(self, pipe: Pipe) -> None:
        """Remove the files of a dropped pipe."""
        self._store.execute("DELETE FROM account.pending_files WHERE pipe_id = ?", [pipe.id])
