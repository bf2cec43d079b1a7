"""The whole `clickstream send` process into an emulated stream, against simpler senders of the same events."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import boto3

from bench.figure import Figure, in_turn, medians, ratios
from bench.processes import PYTHON
from bench.processes import run as run_process
from bench.run import Run
from laptop import LaptopCloud

# Each sends for a few seconds, so that starting Python weighs about the same.
_EVENTS = {"ours": 200_000, "put_records of 500, unpacked": 40_000, "one put_record each": 400}
_MARKS = {"one put_record each": 100.0, "put_records of 500, unpacked": 2.0}
_STREAM = "bench"


def measure(run: Run) -> list[Figure]:
    """Send files of events by three programs in turn; count events a second of the whole process."""
    with LaptopCloud(run.scratch / "cloud") as cloud:
        settings = {**cloud.environment(), "SNOWFLAKE_DISABLE_PLATFORM_DETECTION": "true"}
        _create_stream(settings)
        files = {name: run.events(run.size(count)) for name, count in _EVENTS.items()}
        programs = {
            "ours": _our_sender(files["ours"]),
            "put_records of 500, unpacked": _simple_sender(files["put_records of 500, unpacked"], 500),
            "one put_record each": _simple_sender(files["one put_record each"], 1),
        }
        counts = {name: run.size(count) for name, count in _EVENTS.items()}

        def rate(name: str) -> float:
            started = time.perf_counter()
            run_process(programs[name], settings)
            return counts[name] / (time.perf_counter() - started)

        found = in_turn({name: lambda name=name: rate(name) for name in programs}, min(run.rounds, 3))  # type: ignore[misc]
    return [
        Figure(
            name="producer, whole process, file → emulated stream",
            against=other,
            values=ratios(found["ours"], found[other]),
            at_least=mark,
            parts=medians({name: found[name] for name in ("ours", other)}, "events/s"),
        )
        for other, mark in _MARKS.items()
    ]


def _create_stream(settings: Mapping[str, str]) -> None:
    client = boto3.client(
        "kinesis",
        endpoint_url=settings["AWS_ENDPOINT_URL"],
        region_name=settings["AWS_REGION"],
        aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
    )
    client.create_stream(StreamName=_STREAM, ShardCount=64)
    client.get_waiter("stream_exists").wait(StreamName=_STREAM, WaiterConfig={"Delay": 1})


def _our_sender(file: Path) -> Sequence[str]:
    return [PYTHON, "-m", "cli.main", "send", str(file), "--stream", _STREAM, "--no-resume", "--json"]


def _simple_sender(file: Path, records: int) -> Sequence[str]:
    return [PYTHON, "-m", "bench.simple_sender", str(file), _STREAM, str(records)]
