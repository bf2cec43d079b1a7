"""Peak memory of the processes of a laptop, sampled while a block runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.leftovers import processes_of

_PERIOD_SECONDS = 0.5
# A word of the command line, by which a process is recognised; the first that fits.
_NAMES = {
    "laptop.aws": "AWS emulator",
    "laptop.snowflake": "Snowflake stand-in",
    "cli.main": "producer",
    "-clicks-gate-": "event gate",
    "-MonitorScheduled": "monitor",
    "-CanaryScheduled": "canary",
}


@contextmanager
def peaks(state: Path) -> Iterator[dict[str, float]]:
    """The largest resident size in bytes of each kind of process, once the block has ended."""
    found: dict[str, float] = {}
    ended = threading.Event()
    thread = threading.Thread(target=_sample, args=(state, found, ended))
    thread.start()
    try:
        yield found
    finally:
        ended.set()
        thread.join()


def _sample(state: Path, found: dict[str, float], ended: threading.Event) -> None:
    while not ended.wait(_PERIOD_SECONDS):
        for process in processes_of(state):
            words = " ".join(process.info["cmdline"] or [])
            name = next((name for word, name in _NAMES.items() if word in words), None)
            if name is None:
                continue
            try:
                size = process.memory_info().rss
            except psutil.Error:  # it has just ended
                continue
            found[name] = max(found.get(name, 0), size)
