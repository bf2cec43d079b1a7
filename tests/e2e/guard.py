"""Stops a test's laptop cloud when the test run has ended, even if it was killed.

The servers that `clickstream up` starts outlive it by design, and would outlive a killed test run, too.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import psutil

from tests.leftovers import processes_of


class Guard:
    """A separate process that waits for the end of this one."""

    def __init__(self, state: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.guard"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdin
        self._process.stdin.write(f"{state}\n")
        self._process.stdin.flush()

    def dismiss(self) -> None:
        """Stop whatever still runs, and end the guard itself."""
        self._process.communicate()


def _main() -> None:
    state = Path(sys.stdin.readline().strip())
    sys.stdin.read()
    while left := processes_of(state):
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left)


if __name__ == "__main__":
    _main()
