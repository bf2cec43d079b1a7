"""Reading, checking and packing events against only parsing the same lines."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import contract
from bench.figures import Figure
from producer import RejectsFile, generate, send
from producer.documents import documents

_EVENTS = 10_000
_CHUNK_BYTES = 256 * 1024  # as a file is read
# Validation by a compiled schema, checks of JSON's edge cases and packing, against Python's own parser.
LIMIT = 6.0


def measure(runs: int = 5) -> Figure:
    """Read, check and pack ten thousand events, and parse them, in turn."""
    event = contract.load()
    data = "\n".join(found.text for found in generate(event, count=_EVENTS, seed=1)).encode()
    pairs = [(_ours(event, data), _parsing(data)) for _ in range(runs + 1)][1:]
    return Figure(
        name="10,000 events read, checked and packed / parsed, s",
        ours=statistics.median(ours for ours, _ in pairs),
        other=statistics.median(other for _, other in pairs),
        limit=LIMIT,
        limits_ratio=True,
    )


def _ours(event: contract.EventContract, data: bytes) -> float:
    with tempfile.TemporaryDirectory() as folder, RejectsFile(Path(folder, "rejects.ndjson")) as rejects:
        report = send(documents(_chunks(data)), contract=event, target=None, rejects=rejects)
    if report.valid != _EVENTS:
        raise RuntimeError(f"{_EVENTS - report.valid} of {_EVENTS} events were rejected")
    return report.seconds


def _chunks(data: bytes) -> Iterator[bytes]:
    return (data[start : start + _CHUNK_BYTES] for start in range(0, len(data), _CHUNK_BYTES))


def _parsing(data: bytes) -> float:
    started = time.perf_counter()
    for line in data.splitlines():
        json.loads(line)
    return time.perf_counter() - started
