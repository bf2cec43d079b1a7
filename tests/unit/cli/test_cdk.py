"""The CDK CLI as the command runs it: it ends with its parent process, and errors show the reason."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from cli import cdk
from cli.cdk import Cdk, failure
from cli.output import CommandError
from laptop.testing.waiting import eventually
from tests.leftovers import processes_of

ROOT = Path(__file__).parents[3]
EVENTS = """\
clickstream-local-Landing | 11/18 | 2:12:34 AM | CREATE_COMPLETE | Custom::SnowflakeStage | Clicks/Stage (S)
clickstream-local-Landing | 12/18 | 2:12:34 AM | CREATE_FAILED   | Custom::SnowflakeView | View (V) Error: no column X
clickstream-local-Ops | 3/9 | 2:12:34 AM | CREATE_FAILED   | AWS::SNS::Topic | Critical (T) Resource creation cancelled
clickstream-local-Landing | 2:12:36 AM | CREATE_FAILED   | Custom::SnowflakeView | View (V) Error: no column X
    at invokeUserFunction (framework.js:2:6)
"""
# A CLI that keeps running, with a child that keeps running.
STAYING = '#!/bin/sh\n(trap "" TERM; exec sleep 600) &\necho $! > "$MARK"\nwait\n'


def test_a_failed_deployment_shows_cloudformations_reasons() -> None:
    assert failure(EVENTS) == "clickstream-local-Landing: View (V) Error: no column X"


def test_an_error_in_the_app_is_shown_without_its_stack_frames() -> None:
    log = """\
jsii.errors.JavaScriptError:
  Error: ENOSPC
Traceback (most recent call last):
  File "app.py", line 20, in <module>
    build(app)
RuntimeError: ENOSPC: no space left on device
python app.py: Subprocess exited with error 1
"""
    told = "RuntimeError: ENOSPC: no space left on device\npython app.py: Subprocess exited with error 1"
    assert failure(log).strip() == told


def test_without_reasons_the_end_of_the_log_is_shown() -> None:
    assert failure("\n".join(map(str, range(40)))).splitlines() == ["", *map(str, range(15, 40))]


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Cdk:
    program = tmp_path / "cdk"
    program.write_text(script)
    program.chmod(0o755)
    monkeypatch.setattr(cdk, "CDK_CLI", program)
    monkeypatch.setenv("MARK", str(tmp_path / "mark"))
    return Cdk(assembly=tmp_path / "cdk.out", logs=tmp_path / "logs", env="local")


def test_a_failure_names_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        CommandError, match=r"(?s)cdk deploy failed: .*boom\nIts log is .*cdk-deploy.log"
    ) as caught:
        fake(tmp_path, monkeypatch, "#!/bin/sh\necho one; echo boom; exit 3\n").deploy(print)
    assert caught.value.exit_code == 1
    assert (tmp_path / "logs" / "cdk-deploy.log").read_text() == "one\nboom\n"


@pytest.mark.parametrize(("review", "app"), [(True, ""), (False, " --app python -m stacks")])
def test_a_plan_skips_the_security_review(
    review: bool, app: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path, monkeypatch, '#!/bin/sh\necho "$@"\n').synth(print, review=review)
    assert (tmp_path / "logs" / "cdk-synth.log").read_text().endswith(f"--context env=local{app}\n")


def test_an_interruption_ends_the_cli_and_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staying = fake(tmp_path, monkeypatch, STAYING)
    mark = tmp_path / "mark"

    def interrupted() -> None:
        with staying.bootstrapping("000000000000", "eu-west-1"):
            eventually(lambda: mark.exists() and mark.read_text())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    child = mark.read_text()
    eventually(lambda: is_gone(int(str(child))))


def test_a_killed_command_leaves_no_process(tmp_path: Path) -> None:
    """Even if it was killed while starting the CLI."""
    mark = tmp_path / "mark"
    program = tmp_path / "cdk"
    program.write_text(STAYING)
    program.chmod(0o755)
    parent = f"""
import subprocess, sys
process = subprocess.Popen([sys.executable, "-m", "cli.tether", {str(program)!r}], stdin=subprocess.PIPE)
process.wait()
"""
    with subprocess.Popen(
        [sys.executable, "-c", parent], cwd=ROOT, env={**os.environ, "MARK": str(mark)}
    ) as started:
        child = eventually(lambda: mark.exists() and mark.read_text())
        started.send_signal(signal.SIGKILL)
    eventually(lambda: is_gone(int(str(child))))


def test_a_command_interrupted_at_any_instant_leaves_no_process(tmp_path: Path) -> None:
    program = tmp_path / "cdk"
    program.write_text(STAYING)
    program.chmod(0o755)
    try:
        subprocess.run(
            [sys.executable, "-m", "tests.unit.cli.interrupting", program, tmp_path, "40"],
            cwd=ROOT,
            env={**os.environ, "MARK": str(tmp_path / "mark"), "CLICKSTREAM_STATE": str(tmp_path)},
            capture_output=True,
            check=True,
            timeout=120,
        )
        eventually(lambda: not processes_of(tmp_path))
    finally:
        for left in processes_of(tmp_path):
            left.kill()
