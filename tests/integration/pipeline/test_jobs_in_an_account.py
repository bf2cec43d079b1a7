"""The diff, deploy and destroy jobs against an emulator that enforces IAM, with tokens as GitLab makes them."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sqs as sqs

from config import ROOT
from config.files import load_config
from config.sections.ci import CI_AUDIENCES
from laptop.testing.aws import ACCOUNT, REGION, Emulator, running_emulator
from stacks.ci import CiStack
from tests.infrastructure.synthesis import cdk_app

ENV = f"""
account = "{ACCOUNT}"
region = "{REGION}"
production = false
[snowflake]
account = "myorg-myaccount"
[ci]
project_path = "my-group/clickstream"
branch = "main"
"""
SUBJECT = "project_path:my-group/clickstream:ref_type:branch:ref:main"
STACK = "clickstream-test-Storage"


def token(**claims: str) -> str:
    """A token with these claims; the emulator does not check GitLab's signature."""
    parts = ({"alg": "RS256", "typ": "JWT"}, {"iss": "https://gitlab.com", "sub": SUBJECT, **claims})
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, "signature"])


@dataclass(frozen=True)
class Account:
    """An account with the CDK's bootstrap stack and the stack Ci, and a project with an environment for it."""

    emulator: Emulator
    folder: Path

    @property
    def settings(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "CDK_DEFAULT_", "CI"))
        }
        search = os.pathsep.join([str(Path(sys.executable).parent), kept["PATH"]])
        return {**kept, "PATH": search, "CLICKSTREAM_CONFIG": str(self.folder / "config")}

    def administrate(self, *arguments: str) -> None:
        """The CDK CLI with the administrator's credentials."""
        done = subprocess.run(
            [ROOT / "node_modules/.bin/cdk", *arguments],
            cwd=ROOT,
            env={**self.settings, **self.emulator.environment()},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def synthesize(self, *queues: str) -> Path:
        """A cdk.out of the environment, with small stacks in place of the real ones."""
        out = self.folder / f"cdk.out-{len(queues)}"
        app = cdk_app(out, validates=False)
        config = load_config("test", self.folder / "config")
        options: dict[str, Any] = {"env": cdk.Environment(account=ACCOUNT, region=REGION)}
        *names, ci = config.names.stacks
        for name in names:
            stack = cdk.Stack(app, name, **options)
            for queue in queues if name == STACK else ["Queue"]:
                sqs.Queue(stack, queue)
        CiStack(app, ci, config=config, **options)
        app.synth()
        return out

    def job(self, verb: str, app: Path, id_token: str, *, code: int = 0, **variables: str) -> str:
        """Run `python -m ci …` as in a job of the branch's pipeline; return its output."""
        predefined = {"GITLAB_CI": "true", "CI_COMMIT_BRANCH": "main", "CI_PIPELINE_ID": "1042"}
        done = subprocess.run(
            [sys.executable, "-m", "ci", verb, "test", "--app", str(app)],
            cwd=ROOT,
            env={
                **self.settings,
                **self._endpoints(),
                **predefined,
                **variables,
                "AWS_ID_TOKEN": id_token,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout + done.stderr
        assert done.returncode == code, said
        assert id_token not in said
        return said

    def stacks(self) -> list[str]:
        found: list[dict[str, Any]] = self.emulator.client("cloudformation").describe_stacks()["Stacks"]
        return [stack["StackName"] for stack in found if stack["StackStatus"] != "DELETE_COMPLETE"]

    def _endpoints(self) -> Mapping[str, str]:
        """The account's endpoints, without the administrator's credentials."""
        settings = self.emulator.environment()
        return {name: value for name, value in settings.items() if "KEY" not in name and "TOKEN" not in name}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    folder = tmp_path_factory.mktemp("pipeline")
    (folder / "config").mkdir()
    (folder / "config" / "test.toml").write_text(ENV)
    with running_emulator(folder / "aws") as (emulator, _):
        account = Account(emulator, folder)
        account.administrate("bootstrap", f"aws://{ACCOUNT}/{REGION}", "--app", "")
        account.administrate(
            "deploy",
            "clickstream-test-Ci",
            "--app",
            str(account.synthesize("First")),
            "--require-approval",
            "never",
        )
        yield account


def test_a_branch_is_diffed_deployed_and_destroyed_by_its_two_roles(account: Account) -> None:
    diffing, deploying = (token(aud=CI_AUDIENCES[task]) for task in ("diff", "deploy"))
    first, second = account.synthesize("First"), account.synthesize("First", "Second")

    assert "[+] AWS::SQS::Queue First" in account.job("diff", first, diffing)
    assert STACK not in account.stacks(), "the diff job changed a stack"
    account.job("deploy", first, deploying)
    assert STACK in account.stacks()

    said = account.job("diff", second, diffing)
    assert "[+] AWS::SQS::Queue Second" in said
    assert "AWS::SQS::Queue First" not in said

    account.job("destroy", second, deploying, CI_JOB_MANUAL="true")
    assert STACK not in account.stacks()
    assert "clickstream-test-Ci" in account.stacks(), "a job deleted the stack with its roles"


def test_a_diff_jobs_token_cannot_deploy(account: Account) -> None:
    """For other denied callers see tests/infrastructure/test_ci.py."""
    account.job("deploy", account.synthesize("First"), token(aud=CI_AUDIENCES["diff"]), code=1)
    assert STACK not in account.stacks()
