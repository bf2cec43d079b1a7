"""Lambdas in the emulator: their environment, their logs, their code on disk."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from laptop.testing.aws import ROLE, Emulator, unique, zipped
from laptop.testing.waiting import eventually

REPORT = """
import os, sys, time
def handler(event, context):
    print("seen by", context.function_name)
    time.sleep(event.get("sleep", 0))
    return {"environment": dict(os.environ), "python": sys.executable, "code": os.path.realpath(__file__)}
"""


def create(emulator: Emulator, **environment: str) -> str:
    name = unique("report")
    emulator.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=ROLE,
        Handler="index.handler",
        Code={"ZipFile": zipped({"index.py": REPORT})},
        Environment={"Variables": environment},
        Timeout=60,
    )
    return name


def invoke(emulator: Emulator, function: str, **event: Any) -> dict[str, Any]:
    answer = emulator.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    report: dict[str, Any] = json.loads(answer["Payload"].read())
    return report


def test_it_inherits_the_emulators_environment_unless_the_template_overrides_it(
    emulator: Emulator,
) -> None:
    environment = invoke(emulator, create(emulator, SNOWFLAKE_PORT="443"))["environment"]
    assert environment["SNOWFLAKE_HOST"] == "127.0.0.1"
    assert environment["SNOWFLAKE_PORT"] == "443"
    assert environment["AWS_ENDPOINT_URL"] == f"http://127.0.0.1:{emulator.port}"


def test_it_runs_on_this_python(emulator: Emulator) -> None:
    assert Path(invoke(emulator, create(emulator))["python"]) == Path(sys.executable)


def test_its_output_is_in_cloudwatch_logs_and_in_the_emulators_own(emulator: Emulator) -> None:
    name = create(emulator)
    invoke(emulator, name)
    logs = emulator.client("logs")

    def messages() -> str:
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        return "".join(event["message"] for event in events)

    eventually(lambda: f"seen by {name}" in messages())
    eventually(lambda: f"seen by {name}" in emulator.log.read_text())


def test_its_code_is_unpacked_once_for_all_its_processes(emulator: Emulator) -> None:
    name = create(emulator)
    with ThreadPoolExecutor(3) as callers:
        reports = list(callers.map(lambda _: invoke(emulator, name, sleep=0.5), range(3)))
    assert len({report["environment"]["LAMBDA_TASK_ROOT"] for report in reports}) == 3
    assert len({report["code"] for report in reports}) == 1


def test_new_code_is_used_at_once(emulator: Emulator) -> None:
    name = create(emulator)
    old = invoke(emulator, name)["code"]
    changed = zipped({"index.py": REPORT + "\n# changed\n"})
    emulator.client("lambda").update_function_code(FunctionName=name, ZipFile=changed)
    assert invoke(emulator, name)["code"] != old


def test_a_run_ends_with_its_code_when_that_is_changed_meanwhile(emulator: Emulator, tmp_path: Path) -> None:
    name, begun, go_on = create(emulator), tmp_path / "begun", tmp_path / "go_on"
    waiting = f"""
import pathlib, time
def handler(event, context):
    pathlib.Path({str(begun)!r}).touch()
    while not pathlib.Path({str(go_on)!r}).exists():
        time.sleep(0.01)
    return "old"
"""
    client = emulator.client("lambda")
    client.update_function_code(FunctionName=name, ZipFile=zipped({"index.py": waiting}))
    with ThreadPoolExecutor() as pool:
        running = pool.submit(lambda: client.invoke(FunctionName=name)["Payload"].read())
        eventually(begun.exists)
        changed = "def handler(event, context):\n    return 'new'\n"
        emulator.client("lambda").update_function_code(
            FunctionName=name, ZipFile=zipped({"index.py": changed})
        )
        assert json.loads(emulator.client("lambda").invoke(FunctionName=name)["Payload"].read()) == "new"
        go_on.touch()
        assert json.loads(running.result()) == "old"
