"""Roles that a GitLab pipeline assumes."""

from clickstream.gitlab.roles import PipelineDeployRole, PipelineDiffRole
from clickstream.gitlab.trust import GitLabTrust

__all__ = ["GitLabTrust", "PipelineDeployRole", "PipelineDiffRole"]
