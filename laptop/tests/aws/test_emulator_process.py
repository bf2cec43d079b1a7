"""The end of the emulator's process, which leaves nothing running."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psutil
from transforming import TransformedStream, function, processor

from laptop.testing.aws import (
    CAPABILITIES,
    REGION,
    ROLE,
    Emulator,
    running_emulator,
    unique,
    zipped,
)
from laptop.testing.waiting import eventually

SLEEPER = """
import subprocess, time
def handler(event, context):
    subprocess.Popen(["sleep", "300"])
    time.sleep(300)
"""


def start_pending_custom_resource(emulator: Emulator) -> list[psutil.Process]:
    """Deploy a stack that waits for a Lambda without an answer; return the Lambda's processes."""
    function = unique("sleeper")
    arn = emulator.client("lambda").create_function(
        FunctionName=function,
        Runtime="python3.13",
        Role=ROLE,
        Handler="index.handler",
        Code={"ZipFile": zipped({"index.py": SLEEPER})},
        Timeout=300,
    )["FunctionArn"]
    resource = {"Type": "Custom::Sleeper", "Properties": {"ServiceToken": arn}}
    template = json.dumps({"Resources": {"Sleeper": resource}})
    emulator.client("cloudformation").create_stack(
        StackName=unique("pending"), TemplateBody=template, Capabilities=CAPABILITIES
    )
    return eventually(lambda: started(emulator))


def started(emulator: Emulator) -> list[psutil.Process] | None:
    """All processes below the emulator, once one of them sleeps."""
    children = psutil.Process(emulator.pid).children(recursive=True)
    return children if any("sleep" in child.name() for child in children) else None


def has_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_sigterm_or_the_end_of_stdin_stops_everything_and_the_next_run_starts_empty(
    tmp_path: Path,
) -> None:
    with running_emulator(tmp_path / "aws") as (first, process):
        first.create_bucket()
        spawned = start_pending_custom_resource(first)
        assert len(spawned) >= 2
        process.terminate()
        assert process.wait(timeout=2) == 0
        eventually(lambda: all(map(has_gone, spawned)), within=2)
    with running_emulator(tmp_path / "aws") as (second, process):
        assert second.client("s3").list_buckets()["Buckets"] == []
        assert second.client("cloudformation").describe_stacks()["Stacks"] == []
        spawned = start_pending_custom_resource(second)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=2) == 0
        eventually(lambda: all(map(has_gone, spawned)), within=2)


def test_it_does_not_wait_for_a_function_that_transforms_records(tmp_path: Path) -> None:
    body = "    import subprocess\n    subprocess.Popen(['sleep', '300'])\n    time.sleep(300)"
    with running_emulator(tmp_path / "aws") as (emulator, process):
        arn = function(emulator, body, Timeout=300)
        stream = TransformedStream(emulator, processor(arn))
        stream.put(b"runs")
        waiting = TransformedStream(emulator, processor(arn, BufferIntervalInSeconds=900))
        waiting.put(b"waits")
        spawned = eventually(lambda: started(emulator))
        process.terminate()
        assert process.wait(timeout=2) == 0
        eventually(lambda: all(map(has_gone, spawned)), within=2)


def test_it_listens_on_loopback_only(emulator: Emulator) -> None:
    sockets = psutil.Process(emulator.pid).net_connections(kind="inet")
    assert {s.laddr.ip for s in sockets if s.status == psutil.CONN_LISTEN} == {"127.0.0.1"}


def test_a_port_in_use_is_reported(emulator: Emulator, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "laptop.aws", "--region", REGION, "--port", str(emulator.port)]
    with subprocess.Popen(
        [*command, "--state-dir", str(tmp_path / "aws")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as second:
        assert second.stdout is not None
        said = second.stdout.read().decode()
        assert second.wait(timeout=5) == 1
    assert f"cannot serve on http://127.0.0.1:{emulator.port}" in said
