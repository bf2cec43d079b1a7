"""Ctrl-C and SIGTERM while something is half done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruptions:
    """Both signals as exceptions, so that what was begun can be cleared away; held back where they would hurt."""

    def __init__(self) -> None:
        self._holding = 0
        self._held: int | None = None

    @contextmanager
    def raised(self) -> Iterator[None]:
        """Within this block a signal raises KeyboardInterrupt or SystemExit."""
        if threading.current_thread() is not threading.main_thread():
            # Python delivers signals to the main thread only.
            yield
            return
        before = {number: signal.signal(number, self._arrived) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Within this block a signal waits; it is raised when the block is done."""
        self._holding += 1
        try:
            yield
        finally:
            self._holding -= 1
        if self._held is not None and not self._holding:
            number, self._held = self._held, None
            _raise(number)

    def _arrived(self, number: int, frame: FrameType | None) -> None:
        if self._holding:
            self._held = number
        else:
            _raise(number)


def _raise(number: int) -> None:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)
