"""Waiting for conditions, and free ports."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(found: Callable[[], T | None], *, within: float = 60.0, every: float = 0.05) -> T:
    """Wait for the first truthy result of `found`, which is called again after `every` seconds.

    Raises:
        AssertionError: the time is over.
    """
    deadline = time.monotonic() + within
    while True:
        answer = found()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not true within {within} s; last answer: {answer!r}"
        time.sleep(every)


def free_port() -> int:
    """A free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
