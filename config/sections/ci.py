"""The `[ci]` section: the GitLab pipeline that deploys."""

from __future__ import annotations

from pydantic import Field

from config.sections.values import Section

# The audiences of the jobs' tokens, one for each role; .gitlab-ci.yml has the same values.
CI_AUDIENCES = {"deploy": "clickstream-deploy", "diff": "clickstream-diff"}


class CiConfig(Section):
    """The GitLab pipeline that works on this environment; docs/ci.md sets it up."""

    branch: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9][A-Za-z0-9._/-]{0,99})?$",
        description="the branch whose pipelines deploy this environment; empty: the one with its name",
    )
    project_path: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+)?$",
        description="GitLab project, such as my-group/clickstream, whose pipelines may diff and deploy this "
        "environment: makes the stack Ci; empty: none may",
    )
    gitlab_url: str = Field(
        default="https://gitlab.com",
        max_length=255,  # of an OIDC provider
        pattern=r"^https://[a-z0-9-]+(\.[a-z0-9-]+)+(/[A-Za-z0-9._-]+)*$",
        description="that project's GitLab, as its tokens name it: https, no port, no slash at the end",
    )
    create_provider: bool = Field(
        default=True,
        description="false: the account already has an OIDC provider for this GitLab; it can have only one per URL",
    )
