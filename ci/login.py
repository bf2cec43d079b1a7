"""A job's login to AWS: by a token from GitLab, never by a stored key."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from config.model import PipelineConfig

TOKEN = "AWS_ID_TOKEN"  # noqa: S105 - the variable's name; .gitlab-ci.yml has the same
_STORED_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE")


def in_pipeline() -> bool:
    """Return whether this is a GitLab job rather than a person's shell."""
    return os.environ.get("GITLAB_CI") == "true"


@contextmanager
def logged_in(
    config: PipelineConfig, task: Literal["deploy", "diff"], *, by_hand: bool = False
) -> Iterator[dict[str, str]]:
    """Environment variables with which AWS tools assume the role for a task; at a terminal, the user's own credentials.

    The tools exchange the token themselves. It is stored only while they run, in a file outside the project, so that
    no artifact can contain it.

    Args:
        config: the environment.
        task: selects one of its two roles.
        by_hand: whether a pipeline may do it only in a manually started job.
    """
    variables = dict(os.environ)
    if not in_pipeline():
        yield variables
        return
    if problem := _refusal(config, variables, by_hand=by_hand):
        sys.exit(problem)
    role = config.names.ci_deploy_role if task == "deploy" else config.names.ci_diff_role
    with tempfile.TemporaryDirectory(prefix="gitlab-token-") as folder:  # readable by this user alone
        file = Path(folder, "token")
        file.write_text(variables.pop(TOKEN))
        yield {
            **variables,
            "AWS_ROLE_ARN": f"arn:aws:iam::{config.account}:role/{role}",
            "AWS_WEB_IDENTITY_TOKEN_FILE": str(file),
            "AWS_ROLE_SESSION_NAME": f"gitlab-pipeline-{variables['CI_PIPELINE_ID']}",
            "AWS_REGION": config.region,
        }


def _refusal(config: PipelineConfig, variables: dict[str, str], *, by_hand: bool) -> str:
    file = f"config/{config.env}.toml"
    if not config.ci.project_path:
        return (
            f"environment {config.env} allows no pipeline into its account: set ci.project_path in {file} "
            "and deploy its stack Ci (docs/ci.md)"
        )
    if (branch := variables.get("CI_COMMIT_BRANCH", "")) != config.names.ci_branch:
        return (
            f"branch {branch!r} does not deploy environment {config.env}: {file} says {config.names.ci_branch!r}; "
            "change ci.branch there, or ENV in the workflow rules of .gitlab-ci.yml"
        )
    if by_hand and variables.get("CI_JOB_MANUAL") != "true":
        return f"environment {config.env} allows this only in a job that a person starts: add `when: manual`"
    if stored := [name for name in _STORED_KEYS if variables.get(name)]:
        return (
            f"{stored[0]} is set, but a pipeline uses no stored key: remove it from the project or the runner"
        )
    return "" if variables.get(TOKEN) else f"this job has no {TOKEN}: add id_tokens to it in .gitlab-ci.yml"
