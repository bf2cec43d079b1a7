"""Ending with the process that started a server, however that ends."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable


def at_end_of_stdin(stop: Callable[[], object]) -> None:
    """Call `stop` once standard input ends, which is when the parent that holds its other end is gone."""

    def watch() -> None:
        # Not sys.stdin: a thread that holds its buffer at exit makes Python abort.
        while os.read(0, 4096):
            pass
        stop()

    threading.Thread(target=watch, name="stdin-watch", daemon=True).start()
