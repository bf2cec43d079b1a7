"""The time left, and waiting for a condition."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """The time of this invocation; a test brings its own."""

    def now(self) -> datetime:
        """The present, in UTC."""

    def remaining(self) -> float:
        """Seconds that may still be spent before the function has to answer."""

    def sleep(self, seconds: float) -> None:
        """Let time pass."""


class InvocationClock:
    """The clock of one Lambda invocation; keeps a reserve to report a failure before the timeout."""

    def __init__(self, remaining_millis: Callable[[], int], *, reserve: float = 10.0) -> None:
        self._remaining_millis = remaining_millis
        self._reserve = reserve

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.now(UTC)

    def remaining(self) -> float:
        """Seconds left, less the reserve; never negative."""
        return max(0.0, self._remaining_millis() / 1000 - self._reserve)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)


def wait_until(true: Callable[[], bool], clock: Clock, *, at_most: float, every: float = 1.0) -> bool:
    """Poll until `true` or the time is up; return the last result."""
    patience = min(at_most, clock.remaining())
    until = clock.remaining() - patience
    while not true():
        if clock.remaining() - every <= until:
            return False
        clock.sleep(every)
    return True
