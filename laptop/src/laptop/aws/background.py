"""Background jobs of the emulator, run once a second."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

logger = logging.getLogger("laptop.aws")

Job = Callable[[float], None]
"""Called with the current time."""


def every(seconds: float, job: Job) -> Job:
    """Run a job at most once per interval."""
    due = 0.0

    def when_due(now: float) -> None:
        nonlocal due
        if now >= due:
            due = now + seconds
            job(now)

    return when_due


class Background:
    """A thread that calls jobs in order; a failure is logged, and the job called again the next time."""

    def __init__(self, *jobs: Job, interval_seconds: float = 1.0) -> None:
        self._jobs = jobs
        self._interval = interval_seconds

    def start(self) -> None:
        """Start; the thread ends with the process."""
        threading.Thread(target=self._run, name="background", daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(self._interval)
            for job in self._jobs:
                try:
                    job(time.time())
                except Exception:
                    logger.exception("a background job failed")
