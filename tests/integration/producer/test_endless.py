"""`python -m producer`, which the sample instance runs: sends at its rate, logs it, stops on a signal or an error."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
FRONT_DOORS = [("--stream", "PutRecords"), ("--delivery-stream", "PutRecordBatch")]


@contextmanager
def endless(url: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The producer as a process that is stopped at the end of the block."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    command = [sys.executable, "-m", "producer", "--region", "eu-west-1", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def first_line(child: subprocess.Popen[str]) -> dict[str, Any]:
    assert child.stdout
    return dict(json.loads(child.stdout.readline()))


@pytest.mark.parametrize(("option", "action"), FRONT_DOORS)
def test_it_sends_sessions_until_a_signal(wire: Any, option: str, action: str) -> None:
    names = ["--deployment", "clickstream-dev", "--events", "clicks"]
    with endless(wire.url, option, "door", "--rate", "50", *names) as child:
        begun = first_line(child)
        assert begun["sent"] > 0
        assert (begun["deployment"], begun["events"], begun["failed"]) == ("clickstream-dev", "clicks", 0)
        child.send_signal(signal.SIGTERM)
        said, complaints = child.communicate(timeout=120)
    ended = json.loads(said.splitlines()[-1])
    assert (child.returncode, complaints) == (0, "")
    assert {kind for kind, _ in wire.requests} == {action}
    assert {request.get("StreamName") or request["DeliveryStreamName"] for _, request in wire.requests} == {
        "door"
    }
    events = [
        json.loads(event)
        for _, request in wire.requests
        for record in request["Records"]
        for event in base64.b64decode(record["Data"]).split(b"\n")
    ]
    assert begun["sent"] + ended["sent"] == len(events) == len({event["event_id"] for event in events})
    assert {"session_id", "user_id", "event_type"} <= set(events[0])


def test_it_ends_with_the_reason_after_a_permanent_error(wire: Any) -> None:
    wire.script = [(400, {"__type": "ResourceNotFoundException", "message": "no such stream"})]
    with endless(wire.url, "--stream", "absent", "--rate", "5") as child:
        line = first_line(child)
        child.wait(timeout=120)
    assert child.returncode == 1
    assert line["sent"] == 0
    assert line["failed"] > 0
    assert "check the name, the region and that the stack is deployed" in line["stopped"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rate", "1"], "one of the arguments --stream --delivery-stream is required"),
        (["--stream", "a", "--delivery-stream", "b", "--rate", "1"], "not allowed with argument"),
        (["--stream", "a", "--rate", "0"], "rate must be above 0"),
        (["--stream", "a", "--rate", "1", "--contract", "no-such-file"], "no-such-file: cannot be read"),
    ],
)
def test_a_usage_error_is_reported_at_once(wire: Any, arguments: list[str], said: str) -> None:
    with endless(wire.url, *arguments) as child:
        _, complaints = child.communicate(timeout=120)
    assert child.returncode in (1, 2)
    assert said in complaints
    assert wire.requests == []
