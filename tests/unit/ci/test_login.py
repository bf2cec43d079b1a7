"""A job's login: a token in a file that is deleted afterwards, and never a stored key."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Literal

import pytest

from ci.login import logged_in
from config import ROOT
from tests.unit.ci.conftest import JOB, Setting, environment


def enter(**overrides: object) -> None:
    with logged_in(environment(**overrides), "deploy", by_hand=True):
        pass


@pytest.mark.parametrize("task", ["deploy", "diff"])
def test_a_job_assumes_the_environments_role_for_its_verb(
    setting: Setting, task: Literal["deploy", "diff"]
) -> None:
    setting(JOB)
    with logged_in(environment(), task) as variables:
        assert variables["AWS_ROLE_ARN"] == f"arn:aws:iam::111122223333:role/clickstream-test-ci-{task}"
        assert variables["AWS_ROLE_SESSION_NAME"] == "gitlab-pipeline-1042"
        assert variables["AWS_REGION"] == "eu-west-1"
        assert variables["PATH"] == os.environ["PATH"]


def test_the_token_is_in_a_file_outside_the_project_until_the_job_ends(setting: Setting) -> None:
    setting(JOB)
    with logged_in(environment(), "deploy") as variables:
        file = Path(variables["AWS_WEB_IDENTITY_TOKEN_FILE"])
        assert file.read_text() == "a.b.c"
        assert not file.is_relative_to(ROOT)
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        assert "a.b.c" not in variables.values()
    assert not file.parent.exists()


@pytest.mark.parametrize("key", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"])
def test_a_stored_key_is_refused_and_not_shown(setting: Setting, key: str) -> None:
    setting({**JOB, key: "AKIA-of-a-person"})
    with pytest.raises(SystemExit, match=f"{key} is set, but a pipeline uses no stored key") as caught:
        enter()
    assert "AKIA" not in str(caught.value)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"CI_COMMIT_BRANCH": "dev"}, r"branch 'dev' does not deploy environment test: .* says 'main'"),
        ({"CI_COMMIT_BRANCH": ""}, r"branch '' does not deploy"),
        ({"CI_JOB_MANUAL": "false"}, "only in a job that a person starts"),
        ({"AWS_ID_TOKEN": ""}, "no AWS_ID_TOKEN: add id_tokens"),
    ],
    ids=["another branch", "a merge request", "an automatic job", "no token"],
)
def test_a_refused_job_is_told_why(setting: Setting, variables: dict[str, str], message: str) -> None:
    setting({**JOB, **variables})
    with pytest.raises(SystemExit, match=message):
        enter()


def test_an_environment_without_a_ci_project_is_an_error_with_advice(setting: Setting) -> None:
    setting(JOB)
    with pytest.raises(SystemExit, match=r"set ci.project_path in config/test.toml"):
        enter(ci={})


def test_outside_of_ci_the_users_credentials_are_used(setting: Setting) -> None:
    setting({"AWS_PROFILE": "me"})
    with logged_in(environment(ci={}), "deploy", by_hand=True) as variables:
        assert variables == dict(os.environ)
