"""The event gate against only parsing the same lines."""

from __future__ import annotations

import base64
import json
import statistics
import time
import tracemalloc
from collections.abc import Sequence
from typing import Any

import contract
from bench.figures import Figure
from event_gate.folding import Folder
from event_gate.gate import Gate
from event_gate.rejects import RejectStore
from event_gate.tally import Tally
from producer import generate

_EVENTS = 10_000
_EVENTS_A_RECORD = 200
_MEGA = 1e6


def measure(runs: int = 5) -> list[Figure]:
    """Pass ten thousand events through the gate, and parse them, in turn."""
    event = contract.load()
    lines = [found.text for found in generate(event, count=_EVENTS, seed=1)]
    gate = Gate(contract.Checker(event), Folder(event), RejectStore(None, "", ""), "clicks")
    pairs = [(_passing(gate, lines), _parsing(lines)) for _ in range(runs + 1)][1:]
    once, often = _memory(gate, lines, 1), _memory(gate, lines, 10)
    return [
        Figure(
            name="10,000 events through the gate / parsed, s",
            ours=statistics.median(ours for ours, _ in pairs),
            other=statistics.median(other for _, other in pairs),
            limit=4.0,
            limits_ratio=True,
        ),
        Figure("gate's memory after ten calls / one, MB", often, once, 1.1, limits_ratio=True),
    ]


def _request(lines: Sequence[str]) -> dict[str, Any]:
    parts = [lines[start : start + _EVENTS_A_RECORD] for start in range(0, len(lines), _EVENTS_A_RECORD)]
    return {
        "records": [
            {
                "recordId": str(number),
                "data": base64.b64encode("\n".join(part).encode()).decode(),
                "approximateArrivalTimestamp": 1_795_342_530_123,
            }
            for number, part in enumerate(parts)
        ]
    }


def _passing(gate: Gate, lines: Sequence[str]) -> float:
    request, tally = _request(lines), Tally("bench", "clicks")
    started = time.perf_counter()
    gate.transform(request, tally)
    seconds = time.perf_counter() - started
    if tally.accepted != len(lines):
        raise RuntimeError(f"{len(lines) - tally.accepted} of {len(lines)} events were rejected")
    return seconds


def _parsing(lines: Sequence[str]) -> float:
    started = time.perf_counter()
    for line in lines:
        json.loads(line)
    return time.perf_counter() - started


def _memory(gate: Gate, lines: Sequence[str], calls: int) -> float:
    """Peak of Python's memory during the calls, one after the other."""
    tracemalloc.start()
    for _ in range(calls):
        _passing(gate, lines)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / _MEGA
