"""Events from a file or a pipe."""

from __future__ import annotations

import fcntl
import hashlib
import os
import select
import stat
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from contract import Found
from producer.documents import documents
from producer.errors import InputError

STDIN = "-"
_CHUNK_BYTES = 256 * 1024
_QUIET_SECONDS = 0.2


class EventInput:
    """An opened file or pipe of events: JSON objects, plain or gzip.

    Use it as a context manager. `size` is None if it is unknown.
    """

    def __init__(self, name: str, descriptor: int, size: int | None = None) -> None:
        self.name = name
        self.size = size
        self.position = 0
        self._descriptor = descriptor
        self._digest: hashlib._Hash | None = None

    def documents(self) -> Iterator[Found | None]:
        """Yield documents as they arrive, and None when a pipe has been idle for a moment.

        Raises:
            InputError: the data is damaged from here on; what was yielded is intact.
        """
        return documents(self._chunks())

    def lock(self) -> None:
        """Keep other processes from locking this file until it is closed, and note what is read from now on.

        Raises:
            InputError: another process has locked it.
        """
        self._digest = hashlib.sha256()
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"{self.name} is being sent by another process") from None
        except OSError:  # a file system without locks
            return

    def part_read(self) -> tuple[int, str]:
        """Size in bytes and SHA-256 of what has been read since the file was locked."""
        return self.position, self._digest.copy().hexdigest() if self._digest else ""

    def digest_of(self, size: int) -> str:
        """SHA-256 of the first `size` bytes of the file."""
        digest, position = hashlib.sha256(), 0
        while chunk := os.pread(self._descriptor, min(_CHUNK_BYTES, size - position), position):
            digest.update(chunk)
            position += len(chunk)
        return digest.hexdigest()

    def close(self) -> None:
        """Close the file; stdin stays open."""
        if self._descriptor > 2:  # the standard streams stay open
            os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _chunks(self) -> Iterator[bytes | None]:
        while True:
            try:
                # A blocking read would delay the sending of events that arrived before a pause.
                readable, _, _ = select.select([self._descriptor], [], [], _QUIET_SECONDS)
                chunk = os.read(self._descriptor, _CHUNK_BYTES) if readable else None
            except OSError as error:
                raise InputError(f"cannot be read any further: {error.strerror}") from error
            if chunk == b"":
                return
            self.position += len(chunk or b"")
            if chunk and self._digest:
                self._digest.update(chunk)
            yield chunk


def open_input(file: str) -> EventInput:
    """Open a file of events, or stdin for "-".

    Raises:
        InputError: there is no such file, it is a directory, it may not be read, or it is empty.
    """
    if file == STDIN:
        return EventInput("standard input", 0)
    try:
        descriptor = os.open(file, os.O_RDONLY)
    except OSError as error:
        raise InputError(f"cannot read {file}: {(error.strerror or str(error)).lower()}") from error
    status = os.fstat(descriptor)
    problem = None
    if stat.S_ISDIR(status.st_mode):
        problem = f"cannot read {file}: it is a directory; name a file of JSON events"
    elif stat.S_ISREG(status.st_mode) and status.st_size == 0:
        problem = f"no events in {file}: the file is empty"
    if problem:
        os.close(descriptor)
        raise InputError(problem)
    return EventInput(file, descriptor, status.st_size if stat.S_ISREG(status.st_mode) else None)
