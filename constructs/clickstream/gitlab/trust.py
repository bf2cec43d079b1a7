"""The account's trust in the jobs of a GitLab pipeline."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct


class GitLabTrust(Construct):
    """The account's OIDC provider for one GitLab instance, and principals for the jobs of a project's branch there.

    A job presents a token signed by GitLab: `sub` names its project and branch, `aud` the purpose of the token.

    Args:
        scope: the parent.
        construct_id: its name there.
        url: the GitLab instance as its tokens name it: https, no port, no slash at the end.
        audiences: the audiences of the jobs' tokens.
        create: false if the account already has a provider for this GitLab; it can have only one. That provider must
            list the audiences.

    https://docs.gitlab.com/ci/cloud_services/aws/
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, url: str, audiences: list[str], create: bool = True
    ) -> None:
        super().__init__(scope, construct_id)
        self._issuer = url.removeprefix("https://")
        self._provider: iam.IOidcProvider
        if create:
            # AWS trusts the root CAs of GitLab's certificate, so there is no thumbprint to keep current.
            self._provider = iam.OidcProviderNative(self, "Provider", url=url, client_ids=audiences)
        else:
            self._provider = iam.OidcProviderNative.from_oidc_provider_arn(
                self,
                "Provider",
                cdk.Stack.of(self).format_arn(
                    service="iam", region="", resource="oidc-provider", resource_name=self._issuer
                ),
            )

    def jobs_of(self, *, project_path: str, branch: str, audience: str) -> iam.IPrincipal:
        """Jobs of one branch of one project with a token for `audience`; never those of a tag, fork or other branch.

        Args:
            project_path: e.g. `my-group/clickstream`.
            branch: its name; a pattern is taken literally.
            audience: one of the provider's audiences.
        """
        subject = f"project_path:{project_path}:ref_type:branch:ref:{branch}"
        return iam.OpenIdConnectPrincipal(
            self._provider,
            conditions={
                "StringEquals": {f"{self._issuer}:aud": audience, f"{self._issuer}:sub": subject},
            },
        )
