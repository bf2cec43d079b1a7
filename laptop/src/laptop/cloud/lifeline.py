"""The pipe that ties servers to the process that started them, however that one ends.

All servers of a cloud have its reading end as standard input. Once the writing end is closed, by its owner or by the
system because the owner was killed, they read the end of it and stop. To outlive the owner, each reads one byte first;
a single write sends all of them, so that a kill finds either every server tied or every server free.
"""

from __future__ import annotations

import os
import signal
import threading
import time

_GRACE_SECONDS = 5.0


class Lifeline:
    """The owner's side."""

    def __init__(self) -> None:
        self.reader, self._writer = os.pipe()

    def release(self, servers: int) -> None:
        """Let so many servers live on without the owner."""
        os.write(self._writer, b"." * servers)

    def cut(self) -> None:
        """Have every server that was not released stop."""
        for descriptor in (self.reader, self._writer):
            os.close(descriptor)


def end_with_owner() -> None:
    """Send this process SIGTERM once its owner is gone, and SIGKILL if that does not end it.

    A server calls it before anything that takes time.
    """
    # Under another number, so that no child reads what is meant for its parent.
    reader = os.dup(0)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a device
        os.dup2(nothing.fileno(), 0)

    def watch() -> None:
        if not os.read(reader, 1):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(_GRACE_SECONDS)
            os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
