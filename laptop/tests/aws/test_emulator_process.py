"""How the emulator ends, and what is left of it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import psutil

from laptop.testing.aws import (
    CAPABILITIES,
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
    """A stack that waits for a Lambda that never answers; returns the Lambda's processes."""
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

    def both() -> list[psutil.Process] | None:
        children = psutil.Process(emulator.process.pid).children(recursive=True)
        return children if any("sleep" in child.name() for child in children) else None

    return eventually(both)


def has_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_sigterm_ends_everything_within_two_seconds_even_while_a_custom_resource_is_pending(
    tmp_path: Path,
) -> None:
    with running_emulator(tmp_path / "aws") as emulator:
        spawned = start_pending_custom_resource(emulator)
        assert len(spawned) >= 2
        assert emulator.terminate() < 2.0
        eventually(lambda: all(map(has_gone, spawned)), within=2)


def test_the_end_of_stdin_ends_it_too(tmp_path: Path) -> None:
    with running_emulator(tmp_path / "aws") as emulator:
        spawned = start_pending_custom_resource(emulator)
        assert emulator.process.stdin is not None
        emulator.process.stdin.close()
        assert emulator.process.wait(timeout=5) == 0
        eventually(lambda: all(map(has_gone, spawned)), within=2)


def test_it_listens_on_loopback_only(emulator: Emulator) -> None:
    sockets = psutil.Process(emulator.process.pid).net_connections(kind="inet")
    assert {s.laddr.ip for s in sockets if s.status == psutil.CONN_LISTEN} == {"127.0.0.1"}


def test_a_taken_port_is_reported_and_not_served(emulator: Emulator, tmp_path: Path) -> None:
    arguments = ["--region", "eu-west-1", "--port", str(emulator.port), "--state-dir", str(tmp_path / "aws")]
    second = subprocess.run(
        [sys.executable, "-m", "laptop.aws", *arguments],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert second.returncode == 1
    assert f"cannot serve on http://127.0.0.1:{emulator.port}" in second.stdout + second.stderr


def test_it_starts_empty(tmp_path: Path) -> None:
    with running_emulator(tmp_path / "aws") as first:
        first.deploy({"Lake": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "lake"}}})
        first.client("s3").put_object(Bucket="lake", Key="a", Body=b"")
        first.terminate()
    with running_emulator(tmp_path / "aws") as second:
        assert second.client("s3").list_buckets()["Buckets"] == []
        assert second.client("cloudformation").describe_stacks()["Stacks"] == []


def test_it_is_healthy_within_five_seconds(tmp_path: Path) -> None:
    began = time.monotonic()
    with running_emulator(tmp_path / "aws"):
        assert time.monotonic() - began < 5
