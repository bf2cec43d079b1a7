"""Runs a command that ends when standard input does: `python -m cli.tether COMMAND…`.

Whoever starts it holds the other end of its standard input. When that process is gone, at whatever instant and for
whatever reason, nothing of the command is left.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

_PATIENCE_SECONDS = 3


def main(command: list[str]) -> int:
    """Run the command in a process group of its own; its exit code."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - our caller's

    def watch() -> None:
        while os.read(0, 4096):
            pass
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, number)
                process.wait(_PATIENCE_SECONDS)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue

    threading.Thread(target=watch, daemon=True).start()
    return process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
