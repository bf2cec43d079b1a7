"""The file of what was not sent, so that none is lost silently."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
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

    Args:
        path: its path.
        after: size of the file when its entries were last settled by a checkpoint; what was listed since is not
            listed twice.

    Attributes:
        path: its path.
        first: line number and reason of the first entries, for display.
    """

    def __init__(self, path: Path, *, after: int | None = None) -> None:
        if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
            raise InputError(f"cannot write rejects to {path}: name a file in a folder that may be written")
        self.path = path
        self.first: list[tuple[int, str]] = []
        self._file: IO[str] | None = None
        self._after = after
        self._listed = Counter[tuple[int, int, str]]()
        if after is not None and path.exists():
            self._listed.update(_listed_in(path, after))

    def add_reject(self, reject: Reject) -> None:
        """Add what is no event."""
        text = _text(reject.data)
        if len(text) > _SHOWN_CHARACTERS:
            text = text[:_SHOWN_CHARACTERS] + "…"
        self._write(reject.line, reject.reason, len(reject.data), text)

    def add_event(self, event: Event, reason: str) -> None:
        """Add an event that was not accepted."""
        self._write(event.line, reason, len(event.data), _text(event.data))

    def has(self, event: Event) -> bool:
        """True if an earlier run has listed the event after its last checkpoint."""
        return bool(self._listed) and self._listed[event.line, len(event.data), _text(event.data)] > 0

    def settled(self) -> int:
        """Hand all entries to the system; return the size up to which a checkpoint accounts for them."""
        if self._file:
            self._file.flush()
        if self._listed:
            return self._after or 0
        return self.path.stat().st_size if self.path.exists() else 0

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
        if len(self.first) < _FIRST:
            self.first.append((line, reason))
        if self._listed and self._listed[line, size, text]:
            self._listed[line, size, text] -= 1
            self._listed += Counter()  # drops what has been found
            return
        if self._file is None:
            self._file = _opened(self.path)
        entry = {"line": line, "reason": reason, "bytes": size, "event": text}
        # Escaped, so that no content of the line can break this file's own lines or encoding.
        self._file.write(json.dumps(entry) + "\n")


def _opened(path: Path) -> IO[str]:
    """The file to append to; an entry that a killed run did not finish ends there."""
    file = path.open("a+", encoding="utf-8")
    if file.tell() and not _ends_a_line(path):
        file.write("\n")
    return file


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"


def _listed_in(path: Path, after: int) -> Iterator[tuple[int, int, str]]:
    """The entries behind the first `after` bytes; a last one that is not finished is cut off."""
    with path.open("r+b") as file:
        file.seek(after)
        for text in file:
            if not text.endswith(b"\n"):
                file.truncate(file.seek(-len(text), os.SEEK_END))
                return
            try:
                entry = json.loads(text)
                yield entry["line"], entry["bytes"], entry["event"]
            except (ValueError, KeyError, TypeError):
                continue  # another run's, that was not finished


def _text(data: bytes) -> str:
    # Bytes that are not UTF-8 become lone surrogates, as in the gate's rejects, so that the original can be restored.
    return data.decode("utf-8", "surrogateescape")
