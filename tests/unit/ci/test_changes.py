"""What deploy and destroy give to the CDK CLI, and whom they turn away before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ci import __main__ as command
from ci import deploy, destroy, env
from cli.output import CommandError
from tests.unit.ci.conftest import MERGE_REQUEST, PUSH, stage_config

JOB = {**PUSH, "AWS_ID_TOKEN": "a.b.c"}
BY_HAND = {**JOB, "CI_JOB_MANUAL": "true"}
STACKS = ["clickstream-test-Storage", "clickstream-test-Ops"]


class Verb:
    """`make deploy` or `make destroy` of an environment `test`, with the CDK CLI looked over the shoulder."""

    def __init__(self, app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cdk: list[str] = []
        self.environment: Mapping[str, str] = {}
        self._app, self._monkeypatch = app, monkeypatch
        for module in (deploy, destroy):
            monkeypatch.setattr(module, "run_cdk", self._record)
        monkeypatch.setattr(env, "stage_of_branch", lambda branch: "test")

    def run(
        self,
        verb: str,
        variables: Mapping[str, str] | None = None,
        *,
        production: bool = False,
        typed: str = "",
    ) -> None:
        config = stage_config(production=production)
        for module in (deploy, destroy):
            self._monkeypatch.setattr(module, "load_config", lambda name, **_: config)
        for name in ("CI_PIPELINE_SOURCE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
            self._monkeypatch.delenv(name, raising=False)
        for name, value in (variables or {}).items():
            self._monkeypatch.setenv(name, value)
        result = CliRunner().invoke(command.app, [verb, "test", "--app", str(self._app)], input=f"{typed}\n")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception

    def _record(self, verb: str, arguments: Sequence[str], *, environment: Mapping[str, str]) -> None:
        self.cdk, self.environment = [verb, *arguments], environment


@pytest.fixture
def make(assembly: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Verb:
    return Verb(assembly("test", Storage={}, Ops={}, Ci={}), monkeypatch)


def option(arguments: Sequence[str], name: str) -> str:
    return arguments[list(arguments).index(name) + 1]


def test_a_job_deploys_the_templates_that_are_there_and_asks_nobody(make: Verb, tmp_path: Path) -> None:
    make.run("deploy", JOB)
    assert make.cdk[:3] == ["deploy", *STACKS]
    assert option(make.cdk, "--app") == str(tmp_path / "cdk.out")
    assert option(make.cdk, "--require-approval") == "never"
    assert make.environment["AWS_ROLE_ARN"].endswith(":role/clickstream-test-ci-deploy")


def test_what_lets_pipelines_in_is_not_theirs_to_change(make: Verb) -> None:
    for verb in ("deploy", "destroy"):
        make.run(verb, BY_HAND)
        assert "clickstream-test-Ci" not in make.cdk
        assert "--all" not in make.cdk


def test_a_production_stage_is_deployed_by_a_job_that_somebody_starts(make: Verb) -> None:
    with pytest.raises(CommandError, match="only a job that somebody starts"):
        make.run("deploy", JOB, production=True)
    assert not make.cdk
    make.run("deploy", BY_HAND, production=True)
    assert make.cdk


def test_a_person_is_asked_before_permissions_grow(make: Verb) -> None:
    make.run("deploy")
    assert option(make.cdk, "--require-approval") == "broadening"
    assert "--concurrency" not in make.cdk


@pytest.mark.parametrize("variables", [{}, BY_HAND])
def test_a_production_stage_is_destroyed_by_nobody(make: Verb, variables: Mapping[str, str]) -> None:
    with pytest.raises(
        CommandError, match=r"environment test is a production environment .* no verb destroys it"
    ):
        make.run("destroy", variables, production=True, typed="test")
    assert not make.cdk


def test_a_person_types_the_stages_name(make: Verb) -> None:
    with pytest.raises(CommandError, match="nothing was deleted"):
        make.run("destroy", typed="yes")
    assert not make.cdk
    make.run("destroy", typed="test")
    assert make.cdk[:3] == ["destroy", *STACKS]
    assert "--force" in make.cdk, "asked once is enough"


def test_a_job_destroys_only_when_somebody_starts_it(make: Verb) -> None:
    with pytest.raises(CommandError, match="only a job that somebody starts"):
        make.run("destroy", JOB)
    make.run("destroy", BY_HAND)
    assert make.cdk[0] == "destroy"


@pytest.mark.parametrize("verb", ["deploy", "destroy"])
def test_a_merge_request_gets_nowhere(make: Verb, verb: str) -> None:
    with pytest.raises(CommandError, match="a merge request changes no environment"):
        make.run(verb, {**MERGE_REQUEST, "CI_JOB_MANUAL": "true", "AWS_ID_TOKEN": "a.b.c"})
    assert not make.cdk
