"""Environments, templates and a CDK CLI to play with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from config.model import PipelineConfig

PIPELINE = {"project_path": "my-group/clickstream", "branch": "main"}
# What GitLab sets in a job of the pipeline of a branch.
PUSH = {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main", "CI_PIPELINE_ID": "1042"}
MERGE_REQUEST = {
    "CI_PIPELINE_SOURCE": "merge_request_event",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
}


def stage_config(**overrides: object) -> PipelineConfig:
    values = {
        "env": "test",
        "account": "111122223333",
        "region": "eu-west-1",
        "snowflake": {"account": "myorg-myaccount"},
        "ci": PIPELINE,
    }
    return PipelineConfig.model_validate({**values, **overrides})


@pytest.fixture
def assembly(tmp_path: Path) -> Callable[..., Path]:
    """`assembly(environment, Storage={...})`: a cdk.out with those stacks."""

    def write(env: str, **templates: dict[str, object]) -> Path:
        folder = tmp_path / "cdk.out"
        folder.mkdir(exist_ok=True)
        artifacts = {}
        for name, template in templates.items():
            stack = f"clickstream-{env}-{name}"
            (folder / f"{stack}.template.json").write_text(json.dumps(template))
            artifacts[stack] = {
                "type": "aws:cloudformation:stack",
                "environment": "aws://111122223333/eu-west-1",
                "properties": {"templateFile": f"{stack}.template.json", "tags": {"env": env}},
                "displayName": stack,
            }
        artifacts["Tree"] = {"type": "cdk:tree", "properties": {"file": "tree.json"}}
        manifest = {"version": "48.0.0", "artifacts": artifacts}
        (folder / "manifest.json").write_text(json.dumps(manifest))
        return folder

    return write
