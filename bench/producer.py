"""Checking and packing events against only parsing the same lines."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path

import contract
from bench.figures import Figure
from producer import RejectsFile, generate, send
from producer.lines import Line

_ROOT = Path(__file__).resolve().parent.parent
_EVENTS = 10_000
# Validation by a compiled schema, checks of JSON's edge cases and packing, against Python's own parser.
LIMIT = 6.0


def measure(runs: int = 5) -> Figure:
    """Check and pack ten thousand events, and parse them, in turn."""
    event = contract.load(_ROOT / "contract" / "click_event.schema.json")
    lines = [line for line in generate(event, count=_EVENTS, rate=None, seed=1) if line is not None]
    pairs = [(_ours(event, lines), _parsing(lines)) for _ in range(runs + 1)][1:]
    return Figure(
        name="10,000 events checked and packed / parsed, s",
        ours=statistics.median(ours for ours, _ in pairs),
        other=statistics.median(other for _, other in pairs),
        limit=LIMIT,
        limits_ratio=True,
    )


def _ours(event: contract.EventContract, lines: list[Line]) -> float:
    with tempfile.TemporaryDirectory() as folder, RejectsFile(Path(folder, "rejects.ndjson")) as rejects:
        report = send(lines, contract=event, target=None, rejects=rejects)
    if report.valid != len(lines):
        raise RuntimeError(f"{len(lines) - report.valid} of {len(lines)} events were rejected")
    return report.seconds


def _parsing(lines: list[Line]) -> float:
    started = time.perf_counter()
    for line in lines:
        json.loads(line.data)
    return time.perf_counter() - started
