"""An environment, its templates, and a job of a GitLab pipeline."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from config.model import PipelineConfig

# What GitLab sets in a job that a person started, in the pipeline of the environment's branch.
JOB = {
    "GITLAB_CI": "true",
    "CI_COMMIT_BRANCH": "main",
    "CI_PIPELINE_ID": "1042",
    "CI_JOB_MANUAL": "true",
    "AWS_ID_TOKEN": "a.b.c",
}
Setting = Callable[[dict[str, str]], None]


def environment(**overrides: object) -> PipelineConfig:
    values = {
        "env": "test",
        "account": "111122223333",
        "region": "eu-west-1",
        "production": False,
        "snowflake": {"account": "myorg-myaccount"},
        "ci": {"project_path": "my-group/clickstream", "branch": "main"},
    }
    return PipelineConfig.model_validate({**values, **overrides})


@pytest.fixture(autouse=True)
def setting(monkeypatch: pytest.MonkeyPatch) -> Setting:
    """`setting(JOB)`: the variables of the process; none of GitLab's or AWS's until then."""
    for name in (*JOB, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)

    def apply(variables: dict[str, str]) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return apply
