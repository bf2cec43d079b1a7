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
from contextlib import suppress

_PATIENCE_SECONDS = 3


def main(command: list[str]) -> int:
    """Run the command in a process group of its own; its exit code."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - our caller's

    def end_with_stdin() -> None:
        while os.read(0, 4096):
            pass
        _signal(process.pid, signal.SIGTERM)
        try:
            process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            _signal(process.pid, signal.SIGKILL)

    threading.Thread(target=end_with_stdin, daemon=True).start()
    code = process.wait()
    _signal(process.pid, signal.SIGKILL)  # what it left behind
    return code


def _signal(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
