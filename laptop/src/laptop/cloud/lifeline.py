"""A pipe that ends servers with the process that started them, even if that is killed.

All servers of a cloud have its read end as standard input. Once the write end is closed, by its owner or by the system
because the owner was killed, they read end of file and stop. To outlive the owner, each reads one byte first; a single
write sends the bytes of all, so that a kill leaves either all servers tied to the owner or none.
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
        """Let this many servers outlive the owner."""
        os.write(self._writer, b"." * servers)

    def cut(self) -> None:
        """Make every server that was not released stop."""
        for descriptor in (self.reader, self._writer):
            os.close(descriptor)


def end_with_owner() -> None:
    """Send this process SIGTERM once its owner has ended, and SIGKILL if that does not end it.

    A server calls it before anything that takes time.
    """
    # Under another descriptor, so that no child reads its parent's byte.
    reader = os.dup(0)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a device
        os.dup2(nothing.fileno(), 0)

    def watch() -> None:
        if not os.read(reader, 1):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(_GRACE_SECONDS)
            os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
