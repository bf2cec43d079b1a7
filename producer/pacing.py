"""Sending at a constant rate instead of all at once."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from contract import Found

_NAP_SECONDS = 0.1


def paced(documents: Iterable[Found | None], rate: float) -> Iterator[Found | None]:
    """Yield `rate` documents a second, and None while the next one is not due, so that the caller can do other work.

    Raises:
        ValueError: the rate is not above zero.
    """
    if not rate > 0:
        raise ValueError(f"rate must be above 0 events a second, got {rate}")
    return _paced(documents, 1 / rate)


def _paced(documents: Iterable[Found | None], interval: float) -> Iterator[Found | None]:
    due = time.monotonic()
    for found in documents:
        if found is None:
            yield None
            continue
        while (wait := due - time.monotonic()) > 0:
            time.sleep(min(wait, _NAP_SECONDS))
            yield None
        yield found
        # Catch up after a slow call, but not after a long pause of the source itself.
        due = max(due + interval, time.monotonic() - 1)
