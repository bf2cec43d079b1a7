"""How a job gets into the account: with a token in a file that is gone afterwards, and never with a stored key."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Literal

import pytest

from ci.login import logged_in
from ci.surroundings import Surroundings
from cli.output import CommandError
from config import ROOT
from tests.unit.ci.conftest import PUSH, stage_config

JOB = {**PUSH, "AWS_ID_TOKEN": "a.b.c", "PATH": "/bin"}


@pytest.mark.parametrize("task", ["deploy", "diff"])
def test_a_job_acts_as_the_stages_role_for_its_task(task: Literal["deploy", "diff"]) -> None:
    with logged_in(stage_config(), task, Surroundings(JOB)) as environment:
        assert environment["AWS_ROLE_ARN"] == f"arn:aws:iam::111122223333:role/clickstream-test-ci-{task}"
        assert environment["AWS_ROLE_SESSION_NAME"] == "gitlab-pipeline-1042"
        assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "eu-west-1"
        assert environment["PATH"] == "/bin"


@pytest.mark.parametrize(
    ("region", "partition"),
    [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eu-central-1", "aws")],
)
def test_the_role_is_in_the_regions_partition(region: str, partition: str) -> None:
    with logged_in(stage_config(region=region), "diff", Surroundings(JOB)) as environment:
        assert environment["AWS_ROLE_ARN"].startswith(f"arn:{partition}:iam::")


def test_the_token_is_in_a_file_outside_the_project_and_nowhere_else() -> None:
    with logged_in(stage_config(), "deploy", Surroundings(JOB)) as environment:
        file = Path(environment["AWS_WEB_IDENTITY_TOKEN_FILE"])
        assert file.read_text() == "a.b.c"
        assert not file.is_relative_to(ROOT)
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        assert "a.b.c" not in environment.values()
    assert not file.parent.exists()


def test_the_token_goes_when_the_job_fails() -> None:
    with (
        pytest.raises(RuntimeError),
        logged_in(stage_config(), "deploy", Surroundings(JOB)) as environment,
    ):
        raise RuntimeError
    assert not Path(environment["AWS_WEB_IDENTITY_TOKEN_FILE"]).exists()


@pytest.mark.parametrize("key", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"])
def test_a_stored_key_is_refused_and_not_shown(key: str) -> None:
    with (
        pytest.raises(CommandError, match=f"{key} is set: a pipeline uses no stored key") as caught,
        logged_in(stage_config(), "deploy", Surroundings({**JOB, key: "AKIA-of-somebody"})),
    ):
        pass
    assert "AKIA" not in str(caught.value)


def test_a_stage_that_lets_no_pipeline_in_says_what_to_do() -> None:
    with (
        pytest.raises(CommandError, match=r"set ci.project_path in config/test.toml"),
        logged_in(stage_config(ci={}), "deploy", Surroundings(JOB)),
    ):
        pass


def test_a_job_without_a_token_says_where_it_comes_from() -> None:
    with (
        pytest.raises(CommandError, match="this job has no AWS_ID_TOKEN; id_tokens"),
        logged_in(stage_config(), "deploy", Surroundings(PUSH)),
    ):
        pass


def test_a_person_acts_as_themselves() -> None:
    mine = {"AWS_PROFILE": "me"}
    with logged_in(stage_config(ci={}), "deploy", Surroundings(mine)) as environment:
        assert environment == mine
