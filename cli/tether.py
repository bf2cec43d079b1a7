"""Run a command that is killed when standard input closes: `python -m cli.tether COMMAND…`.

The parent process holds the other end of standard input. However and whenever that process ends, the command and its
children end too.
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
    """Run the command in a new process group; return its exit code."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603

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
    _signal(process.pid, signal.SIGKILL)  # its remaining children
    return code


def _signal(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
