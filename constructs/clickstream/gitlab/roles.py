"""Roles of a GitLab pipeline in the account: one that deploys, one that compares."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from clickstream.review import acknowledge, resource_finding

# The bootstrap roles that a deployment assumes; there is no docker image to publish.
_BOOTSTRAP_ROLES = ("deploy", "file-publishing", "lookup")


class PipelineDeployRole(Construct):
    """A role that may only assume the CDK's bootstrap roles of this account and region.

    The policies given to `cdk bootstrap` determine what a deployment may do.

    Args:
        scope: the parent.
        construct_id: its name there.
        role_name: fixed, so that a pipeline knows the ARN.
        role_path: its path, and that of its policy.
        assumed_by: the jobs that deploy.

    https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html#bootstrapping-env-roles
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        role_name: str,
        role_path: str | None = None,
        assumed_by: iam.IPrincipal,
    ) -> None:
        super().__init__(scope, construct_id)
        self._role = iam.Role(
            self,
            "Resource",
            role_name=role_name,
            path=role_path,
            assumed_by=assumed_by,
            description="GitLab's deploy and destroy jobs; may only assume the CDK's bootstrap roles",
            managed_policies=[
                iam.ManagedPolicy(
                    self,
                    "Policy",
                    path=role_path,
                    description="Go through the CDK's bootstrap roles",
                    statements=[
                        iam.PolicyStatement(
                            sid="GoThroughBootstrapRoles",
                            actions=["sts:AssumeRole"],
                            resources=[_bootstrap_role(self, kind) for kind in _BOOTSTRAP_ROLES],
                        )
                    ],
                )
            ],
        )

    @property
    def role(self) -> iam.IRole:
        """The role."""
        return self._role


class PipelineDiffRole(Construct):
    """A role for `cdk diff` that may only read the deployed templates of the named stacks.

    Not the CDK's lookup role, which may read everything in the account, including the events of an unencrypted lake.

    Args:
        scope: the parent.
        construct_id: its name there.
        role_name: fixed, so that a pipeline knows the ARN.
        role_path: its path, and that of its policy.
        assumed_by: the jobs that show what a deployment would change.
        stack_names: the stacks whose templates may be read.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        role_name: str,
        role_path: str | None = None,
        assumed_by: iam.IPrincipal,
        stack_names: Sequence[str],
    ) -> None:
        super().__init__(scope, construct_id)
        stacks = [_stack_arn(self, name) for name in stack_names]
        policy = iam.ManagedPolicy(
            self,
            "Policy",
            path=role_path,
            description="Read the deployed templates",
            statements=[
                iam.PolicyStatement(
                    sid="ReadTemplates",
                    actions=["cloudformation:DescribeStacks", "cloudformation:GetTemplate"],
                    resources=stacks,
                )
            ],
        )
        acknowledge(
            policy,
            *(resource_finding(self, arn) for arn in stacks),
            reason="CloudFormation ends a stack's ARN with an id that it generates at creation. The wildcard covers "
            "that id alone: the stack's name is spelled out, and its template may only be read.",
        )
        self._role = iam.Role(
            self,
            "Resource",
            role_name=role_name,
            path=role_path,
            assumed_by=assumed_by,
            description="GitLab's diff jobs; may only read the deployed templates",
            managed_policies=[policy],
        )

    @property
    def role(self) -> iam.IRole:
        """The role."""
        return self._role


def _bootstrap_role(scope: Construct, kind: str) -> str:
    stack = cdk.Stack.of(scope)
    qualifier = stack.synthesizer.bootstrap_qualifier or cdk.DefaultStackSynthesizer.DEFAULT_QUALIFIER
    return stack.format_arn(
        service="iam",
        region="",
        resource="role",
        resource_name=f"cdk-{qualifier}-{kind}-role-{stack.account}-{stack.region}",
    )


def _stack_arn(scope: Construct, stack_name: str) -> str:
    return cdk.Stack.of(scope).format_arn(
        service="cloudformation", resource="stack", resource_name=f"{stack_name}/*"
    )
