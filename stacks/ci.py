"""The stack that gives a GitLab pipeline access to the account."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from constructs import Construct

from clickstream.gitlab import GitLabTrust, PipelineDeployRole, PipelineDiffRole
from config.model import PipelineConfig
from config.sections.ci import CI_AUDIENCES


class CiStack(cdk.Stack):
    """Holds the trust in one branch of one GitLab project, and its roles: one deploys, one compares.

    An administrator deploys it, never a pipeline: it decides what pipelines may do.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: PipelineConfig,
        **stack_options: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack_options)
        trust = GitLabTrust(
            self,
            "GitLab",
            url=config.ci.gitlab_url,
            audiences=list(CI_AUDIENCES.values()),
            create=config.ci.create_provider,
        )
        # One audience per role: the token of a diff job can only assume the diff role.
        jobs = {
            task: trust.jobs_of(
                project_path=config.ci.project_path, branch=config.names.ci_branch, audience=audience
            )
            for task, audience in CI_AUDIENCES.items()
        }
        PipelineDeployRole(
            self, "DeployRole", role_name=config.names.ci_deploy_role, assumed_by=jobs["deploy"]
        )
        PipelineDiffRole(
            self,
            "DiffRole",
            role_name=config.names.ci_diff_role,
            assumed_by=jobs["diff"],
            stack_names=[name for name in config.names.stacks if name != self.stack_name],
        )
