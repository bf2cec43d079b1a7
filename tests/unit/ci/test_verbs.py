"""Arguments that diff, deploy and destroy pass to the CDK CLI, and calls they refuse."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import ci.__main__ as verbs
from ci.compare import compare
from cli.cost.traffic import Traffic
from tests.unit.ci.conftest import JOB, Setting, environment

APP = Path("cdk.out")
TRAFFIC = Traffic(events_per_second=10, bytes=400)
STACKS = [f"clickstream-test-{name}" for name in ("Storage", "Access", "Landing", "Streaming", "Ops")]


@dataclass
class Cdk:
    """Records the arguments of the CDK CLI."""

    arguments: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    code: int = 0

    def run(self, command: list[Any], *, env: dict[str, str], **_: Any) -> Any:
        self.arguments, self.variables = [str(part) for part in command[1:]], env
        return subprocess.CompletedProcess(command, self.code)


@pytest.fixture
def cdk(monkeypatch: pytest.MonkeyPatch) -> Cdk:
    cdk = Cdk()
    monkeypatch.setattr("ci.__main__.subprocess.run", cdk.run)
    return cdk


@pytest.mark.parametrize(
    ("verb", "role"), [(verbs.diff, "diff"), (verbs.deploy, "deploy"), (verbs.destroy, "deploy")]
)
def test_a_job_uses_the_existing_templates_except_those_of_its_own_roles(
    setting: Setting, cdk: Cdk, verb: Any, role: str
) -> None:
    setting(JOB)
    verb(environment(), APP)
    assert cdk.arguments[1:6] == STACKS
    assert cdk.arguments[6:9] == ["--no-notices", "--app", "cdk.out"]
    assert cdk.variables["AWS_ROLE_ARN"].endswith(f"role/clickstream-test-ci-{role}")


def test_a_user_confirms_broader_permissions_and_deleted_stacks(cdk: Cdk) -> None:
    verbs.deploy(environment(), APP)
    assert cdk.arguments[-1] == "broadening"
    verbs.destroy(environment(), APP)
    assert "--force" not in cdk.arguments


def test_a_job_needs_no_confirmation(setting: Setting, cdk: Cdk) -> None:
    setting(JOB)
    verbs.deploy(environment(), APP)
    assert cdk.arguments[-3:] == ["never", "--concurrency", "4"]
    verbs.destroy(environment(), APP)
    assert "--force" in cdk.arguments


def test_production_is_deployed_only_by_a_manual_job(setting: Setting, cdk: Cdk) -> None:
    setting({**JOB, "CI_JOB_MANUAL": ""})
    with pytest.raises(SystemExit, match="only in a job that a person starts"):
        verbs.deploy(environment(production=True), APP)
    assert cdk.arguments == []
    verbs.deploy(environment(), APP)
    assert cdk.arguments


@pytest.mark.parametrize("variables", [{}, JOB], ids=["a person", "a job"])
def test_production_cannot_be_destroyed(setting: Setting, cdk: Cdk, variables: dict[str, str]) -> None:
    setting(variables)
    with pytest.raises(SystemExit, match=r"environment test is production .* no verb destroys it"):
        verbs.destroy(environment(production=True), APP)
    assert cdk.arguments == []


def test_a_failure_fails_the_job(cdk: Cdk) -> None:
    cdk.code = 1
    with pytest.raises(SystemExit, match=r"cdk deploy failed with exit code 1; .* `make synth ENV=test`"):
        verbs.deploy(environment(), APP)


def test_an_unknown_commit_is_reported() -> None:
    with pytest.raises(SystemExit, match=r"git worktree add .* failed"):
        compare(environment(), STACKS, APP, "0" * 40, TRAFFIC)


def test_commits_are_compared_stack_by_stack(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """With the real CLI: a changed stack, a new one and a removed one."""
    app = tmp_path / "app"
    stacks = write_app(app, Changed=60, New=60)
    monkeypatch.setattr("ci.compare._synthesize", lambda *at: write_app(at[-1], Changed=3600, Gone=60))
    compare(environment(), stacks, app, "HEAD", TRAFFIC)
    said = "".join(capfd.readouterr())
    assert "[-] 3600" in said
    assert "[+] 60" in said
    assert "[+] AWS::SQS::Queue Queue" in said
    assert "Stack Gone\nis no longer part of the app" in said
    assert "Cost in USD a month of 10 events/s of 400 bytes, by list prices of us-east-1, 2026-" in said
    # A tenth of a dollar for each metric of an alarm: two in the new stack, one in the others.
    assert re.search(r"^CloudWatch +alarms, by their metrics +0\.20 +0\.30 +\+0\.10$", said, re.MULTILINE)
    assert re.search(r"^total +0\.20 +0\.30 +\+0\.10$", said, re.MULTILINE)


@pytest.mark.usefixtures("cdk")
def test_a_cost_that_cannot_be_computed_hides_no_difference(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stacks = write_app(tmp_path / "app", Changed=60)
    rule = {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "ScheduleExpression": "cron(0 1 * * ? *)",
            "Targets": [{"Arn": {"Fn::GetAtt": ["Function", "Arn"]}}],
        },
    }
    (tmp_path / "app" / "Changed.template.json").write_text(json.dumps({"Resources": {"Rule": rule}}))
    monkeypatch.setattr("ci.compare._synthesize", lambda *at: write_app(at[-1], Gone=60))
    monkeypatch.setattr("ci.compare.subprocess.run", lambda *_, **__: subprocess.CompletedProcess([], 0))
    compare(environment(), stacks, tmp_path / "app", "HEAD", TRAFFIC)
    said = capsys.readouterr().out
    assert "cannot be compared: a schedule that cannot be counted: 'cron(0 1 * * ? *)'" in said
    assert "Stack Gone\nis no longer part of the app" in said


def alarm_of(stack: str) -> dict[str, Any]:
    """Properties of an alarm, on a sum of two metrics in the stack New, else on one."""
    if stack != "New":
        return {"Period": 60}
    return {"Metrics": [{"Expression": "a + b"}, *[{"MetricStat": {"Period": 60}}] * 2]}


def write_app(folder: Path, **retention: int) -> list[str]:
    """Write a cdk.out of stacks with one queue and one alarm each; return their names."""
    folder.mkdir()
    artifacts = {}
    for name, seconds in retention.items():
        queue = {"Type": "AWS::SQS::Queue", "Properties": {"MessageRetentionPeriod": seconds}}
        alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm_of(name)}
        resources = {"Queue": queue, "Alarm": alarm}
        (folder / f"{name}.template.json").write_text(json.dumps({"Resources": resources}))
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://111122223333/eu-west-1",
            "properties": {"templateFile": f"{name}.template.json"},
        }
    (folder / "manifest.json").write_text(json.dumps({"version": "48.0.0", "artifacts": artifacts}))
    return [*retention]
