"""Loading: from the first file in the lake to the last committed row, against DuckDB reading the same files."""

from __future__ import annotations

import gzip
import time
from pathlib import Path
from typing import Any

import duckdb

from bench.figure import Figure
from bench.run import Run
from tests.e2e.laptop import eventually

_FILES, _EVENTS_A_FILE = 10, 50_000


def measure(run: Run) -> list[Figure]:
    """Put files of events into the lake, wait for their rows; then let DuckDB read the files."""
    laptop, count = run.laptop, run.size(_EVENTS_A_FILE)
    files = [
        _written(run.events(count), run.scratch / f"load-{number}.ndjson.gz") for number in range(_FILES)
    ]
    lake = _lake(laptop.client("cloudformation"))
    s3, before, expected = laptop.client("s3"), laptop.rows()[0], _FILES * count
    started = time.perf_counter()
    for file in files:
        s3.upload_file(str(file), lake, f"events/clicks/dt=2026-11-01/hh=00/{file.name}")
    eventually(lambda: laptop.rows()[0] == before + expected)
    ours = time.perf_counter() - started
    theirs = _read_by_duckdb(files)
    return [
        Figure(
            name=f"load of {expected:,} events in {_FILES} files, lake → committed rows",
            against="DuckDB's read_json of the same files",
            values=[ours / theirs],
            parts={"load, s": ours, "read_json, s": theirs, "load, events/s": expected / ours},
        )
    ]


def _lake(cloudformation: Any) -> str:
    """The name of the deployed bucket."""
    outputs = [
        out for stack in cloudformation.describe_stacks()["Stacks"] for out in stack.get("Outputs", ())
    ]
    return next(str(out["OutputValue"]) for out in outputs if out["OutputKey"] == "LakeBucketName")


def _written(events: Path, file: Path) -> Path:
    """The events as the gate passes them on, compressed as Firehose does."""
    received = b',"received_at":"2026-11-01T00:00:00.000Z"}\n'
    lines = events.read_bytes().replace(b"}\n", received)
    file.write_bytes(gzip.compress(lines, 6))
    return file


def _read_by_duckdb(files: list[Path]) -> float:
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    started = time.perf_counter()
    connection.execute(
        "CREATE TABLE events AS SELECT * FROM read_json(?, format = 'newline_delimited')",
        [list(map(str, files))],
    )
    return time.perf_counter() - started
