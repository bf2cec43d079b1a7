"""The file of what was not sent, so that none is lost silently."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from producer.checking import Event, Reject
from producer.errors import InputError

_SHOWN_CHARACTERS = 8192
_FIRST = 3


class RejectsFile:
    """An NDJSON file of line number, reason, size in bytes, and the text itself.

    It is created with the first entry and only appended to. Rejects are cut after 8,192 characters; events that
    the service did not accept are kept whole, to be sent again.

    Attributes:
        path: its path.
        first: line number and reason of its first entries, for display.
    """

    def __init__(self, path: Path) -> None:
        if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
            raise InputError(f"cannot write rejects to {path}: name a file in a folder that may be written")
        self.path = path
        self.first: list[tuple[int, str]] = []
        self._file: IO[str] | None = None

    def add_reject(self, reject: Reject) -> None:
        """Add what is no event."""
        text = _text(reject.data)
        if len(text) > _SHOWN_CHARACTERS:
            text = text[:_SHOWN_CHARACTERS] + "…"
        self._write(reject.line, reject.reason, len(reject.data), text)

    def add_event(self, event: Event, reason: str) -> None:
        """Add an event that was not accepted."""
        self._write(event.line, reason, len(event.data), _text(event.data))

    def close(self) -> None:
        """Finish the file, if there is one."""
        if self._file:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, line: int, reason: str, size: int, text: str) -> None:
        if self._file is None:
            self._file = self.path.open("a", encoding="utf-8")
        if len(self.first) < _FIRST:
            self.first.append((line, reason))
        entry = {"line": line, "reason": reason, "bytes": size, "event": text}
        # Escaped, so that no content of the line can break this file's own lines or encoding.
        self._file.write(json.dumps(entry) + "\n")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
