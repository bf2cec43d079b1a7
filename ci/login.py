"""How a job gets into the account: by a token that GitLab made for it, never by a stored key."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import boto3

from ci.surroundings import Surroundings
from cli.output import CommandError
from config.model import PipelineConfig

TOKEN = "AWS_ID_TOKEN"  # noqa: S105 - the variable's name; .gitlab-ci.yml has the same
_STORED_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE")


@contextmanager
def logged_in(
    config: PipelineConfig, task: Literal["deploy", "diff"], around: Surroundings
) -> Iterator[dict[str, str]]:
    """The environment in which AWS tools act as the environment's role for a task; at a keyboard, as the person.

    The tools exchange the token themselves. It lies in a file outside the project, so that no artifact can hold it,
    and only while they run.

    Args:
        config: the environment.
        task: which of its roles.
        around: the job.

    Raises:
        CommandError: the environment lets no pipeline in, the job has no token, or somebody stored a key.
    """
    variables = dict(around.variables)
    if not around.in_pipeline:
        yield variables
        return
    token = _token(config, variables)
    role = config.names.ci_deploy_role if task == "deploy" else config.names.ci_diff_role
    partition = boto3.Session().get_partition_for_region(config.region)
    with tempfile.TemporaryDirectory(prefix="gitlab-token-") as folder:  # readable by this user alone
        file = Path(folder, "token")
        file.write_text(token)
        yield {
            **{name: value for name, value in variables.items() if name != TOKEN},
            "AWS_ROLE_ARN": f"arn:{partition}:iam::{config.account}:role/{role}",
            "AWS_WEB_IDENTITY_TOKEN_FILE": str(file),
            "AWS_ROLE_SESSION_NAME": f"gitlab-pipeline-{variables.get('CI_PIPELINE_ID', 'unknown')}",
            "AWS_REGION": config.region,
            "AWS_DEFAULT_REGION": config.region,
        }


def _token(config: PipelineConfig, variables: dict[str, str]) -> str:
    if not config.ci.project_path:
        raise CommandError(
            f"environment {config.env} lets no pipeline into its account: set ci.project_path in "
            f"config/{config.env}.toml and deploy its stack Ci (docs/ci.md)"
        )
    if stored := [name for name in _STORED_KEYS if variables.get(name)]:
        raise CommandError(
            f"{stored[0]} is set: a pipeline uses no stored key; remove the variable from the project or the runner"
        )
    if not variables.get(TOKEN):
        raise CommandError(f"this job has no {TOKEN}; id_tokens of .gitlab-ci.yml makes it")
    return variables[TOKEN]
