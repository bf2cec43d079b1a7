"""Fixtures: an environment, its templates, and a job of a GitLab pipeline."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from config.model import PipelineConfig

# Variables that GitLab sets in a manual job of the environment's branch.
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
    """`setting(JOB)`: set environment variables; none of GitLab's or AWS's are set before."""
    for name in (*JOB, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)

    def apply(variables: dict[str, str]) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return apply
