"""Seconds for which warehouses are billed.

A statement that reads rows resumes its warehouse; SHOW and SYSTEM$ functions need none. A warehouse is billed by the
second while it runs, for a minute at least each time it is resumed. It runs on for AUTO_SUSPEND, and until the process
that suspends warehouses looks, "approximately every 30 seconds".
https://docs.snowflake.com/en/user-guide/cost-understanding-compute
https://docs.snowflake.com/en/sql-reference/sql/create-warehouse
"""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

_LEAST_SECONDS, _LOOKS_EVERY_SECONDS = 60.0, 30.0


@dataclass
class _Running:
    """A warehouse from its resumption to its suspension; `user` has resumed it."""

    user: str
    since: float
    until: float


@dataclass
class WarehouseMeter:
    """Billed seconds by warehouse, and by the user whose statement resumed it.

    Args:
        clock: the time in seconds; a test brings its own.
    """

    clock: Callable[[], float] = time.time
    _billed: dict[str, dict[str, float]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(float))
    )
    _running: dict[str, _Running] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def used(self, warehouse: str, user: str, *, seconds: float, auto_suspend: int) -> None:
        """Record a statement that ran for `seconds` until now; an AUTO_SUSPEND of 0 keeps the warehouse running."""
        end = self.clock()
        begin, until = end - seconds, end + auto_suspend + _LOOKS_EVERY_SECONDS if auto_suspend else math.inf
        with self._lock:
            running = self._running.get(warehouse)
            if running and begin <= running.until:
                running.until = max(running.until, until)
                return
            if running:
                self._billed[warehouse][running.user] += _seconds(running, running.until)
            self._running[warehouse] = _Running(user, begin, until)

    def seconds(self) -> dict[str, dict[str, float]]:
        """Billed seconds until now, by warehouse and user."""
        with self._lock:
            found = {warehouse: dict(users) for warehouse, users in self._billed.items()}
            for warehouse, running in self._running.items():
                users = found.setdefault(warehouse, {})
                until = min(running.until, self.clock())
                users[running.user] = users.get(running.user, 0.0) + _seconds(running, until)
            return found


def _seconds(running: _Running, until: float) -> float:
    return max(_LEAST_SECONDS, until - running.since)
