"""Ends what runs on a laptop of a test when the test run is gone, however it went.

The servers that `clickstream up` starts outlive it, as they should, and so would they a test run that was killed.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import psutil

from tests.leftovers import processes_of


class Guard:
    """A process of its own that waits for the end of this one."""

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
        """It ends what is left, if anything is, and itself."""
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
