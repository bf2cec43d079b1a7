"""Own work of the producer and of the gate on one core, against only parsing the same lines."""

from __future__ import annotations

import base64
import json
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import contract
from bench.figure import Figure, in_turn, medians, ratios
from bench.run import Run
from event_gate.folding import Folder
from event_gate.gate import Gate
from event_gate.rejects import RejectStore
from event_gate.tally import Tally
from producer import RejectsFile, send
from producer.documents import documents

_EVENTS = 20_000
_EVENTS_A_RECORD = 200
_RECORDS_A_REQUEST = 18  # about 1 MiB, as Firehose's buffer for the gate
_CHUNK_BYTES = 256 * 1024  # as a file is read
_MEGA = 1e6
_PARSED = "json.loads of the same lines"
# Half of the ratio of 2.3 that was measured when the mark was set.
_PRODUCER_MARK = 1.15
_GATE_MARK = 4.0


def producer(run: Run) -> list[Figure]:
    """Read, check and pack events, and parse them, in turn."""
    event, data = contract.load(), run.events(run.size(_EVENTS)).read_bytes()

    def ours() -> float:
        with tempfile.TemporaryDirectory() as folder, RejectsFile(Path(folder, "rejects.ndjson")) as rejects:
            started = time.process_time()
            report = send(documents(_chunks(data)), contract=event, target=None, rejects=rejects)
            seconds = time.process_time() - started
        _require_all(report.valid, data)
        return seconds

    return [_against_parsing("producer's own work: read, check, pack", ours, data, _PRODUCER_MARK, run)]


def gate(run: Run) -> list[Figure]:
    """Pass events through the gate, and parse them, in turn; and the memory of many calls."""
    event, data = contract.load(), run.events(run.size(_EVENTS)).read_bytes()
    gate = Gate(contract.Checker(event), Folder(event), RejectStore(None, "", ""), "clicks")

    def ours() -> float:
        requests, tally = list(_requests(data.decode().splitlines())), Tally("bench", "clicks")
        started = time.process_time()
        for request in requests:
            gate.transform(request, tally)
        seconds = time.process_time() - started
        _require_all(tally.accepted, data)
        return seconds

    once, often = _memory(ours, 1), _memory(ours, 10)
    return [
        _against_parsing("gate's own work: decode, check, fold, encode", ours, data, _GATE_MARK, run),
        Figure(
            name="gate's memory after ten calls",
            against="after one",
            values=[often / once],
            at_most=1.1,
            parts={"ten calls, MB": often, "one, MB": once},
        ),
    ]


def _against_parsing(name: str, ours: Callable[[], float], data: bytes, mark: float, run: Run) -> Figure:
    def parsing() -> float:
        started = time.process_time()
        for line in data.splitlines():
            json.loads(line)
        return time.process_time() - started

    found = in_turn({"ours": ours, "json.loads": parsing}, 3 * run.rounds)
    a_second = {f"{key}, events/s": data.count(b"\n") / value for key, value in medians(found, "s").items()}
    return Figure(
        name=name,
        against=_PARSED,
        values=ratios(found["ours"], found["json.loads"]),
        at_most=mark,
        parts={key.replace(", s,", ","): value for key, value in a_second.items()},
    )


def _require_all(accepted: int, data: bytes) -> None:
    if accepted != (count := data.count(b"\n")):
        raise RuntimeError(f"{count - accepted} of {count} events were rejected")


def _chunks(data: bytes) -> Iterator[bytes]:
    return (data[start : start + _CHUNK_BYTES] for start in range(0, len(data), _CHUNK_BYTES))


def _requests(lines: Sequence[str]) -> Iterator[dict[str, Any]]:
    parts = [lines[start : start + _EVENTS_A_RECORD] for start in range(0, len(lines), _EVENTS_A_RECORD)]
    for start in range(0, len(parts), _RECORDS_A_REQUEST):
        yield {
            "records": [
                {
                    "recordId": str(number),
                    "data": base64.b64encode("\n".join(part).encode()).decode(),
                    "approximateArrivalTimestamp": 1_795_342_530_123,
                }
                for number, part in enumerate(parts[start : start + _RECORDS_A_REQUEST])
            ]
        }


def _memory(measured: Callable[[], float], calls: int) -> float:
    """Peak of Python's memory in MB during the calls, one after the other."""
    tracemalloc.start()
    for _ in range(calls):
        measured()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / _MEGA
