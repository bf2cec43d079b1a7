"""Sending at a constant rate instead of all at once."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from producer.lines import Line

_NAP_SECONDS = 0.1


def paced(lines: Iterable[Line | None], rate: float) -> Iterator[Line | None]:
    """Yield `rate` lines a second, and None while the next one is not due, so that the caller can do other work.

    Raises:
        ValueError: the rate is not above zero.
    """
    if not rate > 0:
        raise ValueError(f"rate must be above 0 events a second, got {rate}")
    return _paced(lines, 1 / rate)


def _paced(lines: Iterable[Line | None], interval: float) -> Iterator[Line | None]:
    due = time.monotonic()
    for line in lines:
        if line is None:
            yield None
            continue
        while (wait := due - time.monotonic()) > 0:
            time.sleep(min(wait, _NAP_SECONDS))
            yield None
        yield line
        # Catch up after a slow call, but not after a long pause of the source itself.
        due = max(due + interval, time.monotonic() - 1)
