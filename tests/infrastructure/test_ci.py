"""The roles of GitLab pipelines in the account: their exact trust policies and permissions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from ministack.core.iam_evaluator import EvalContext, evaluate_trust_policy

from stacks.ci import CiStack
from tests.infrastructure.synthesis import ACCOUNT, REGION, Pipeline, cdk_app, pipeline_config

Synthesized = Callable[..., Pipeline]
CI = {"project_path": "my-group/clickstream", "branch": "release"}
SUBJECT = "project_path:my-group/clickstream:ref_type:branch:ref:release"


@pytest.fixture(scope="module")
def trusting(synthesized: Synthesized) -> Pipeline:
    return synthesized(ci=CI)


def alone(outdir: Path, ci: dict[str, Any], **context: Any) -> Pipeline:
    """The stack by itself."""
    app = cdk_app(outdir, **context)
    environment = cdk.Environment(account=ACCOUNT, region=REGION)
    CiStack(app, "Ci", config=pipeline_config(ci=ci), env=environment)
    return Pipeline(stacks={"Ci": app.synth().get_stack_by_name("Ci").template}, dependencies={})


def role(pipeline: Pipeline, task: str) -> dict[str, Any]:
    (found,) = (
        role["Properties"]
        for role in pipeline.resources("Ci", "AWS::IAM::Role").values()
        if role["Properties"]["RoleName"] == f"clickstream-test-ci-{task}"
    )
    return dict(found)


def trust(pipeline: Pipeline, task: str) -> list[dict[str, Any]]:
    return list(role(pipeline, task)["AssumeRolePolicyDocument"]["Statement"])


def permissions(pipeline: Pipeline, task: str) -> list[dict[str, Any]]:
    properties = role(pipeline, task)
    (attached,) = properties["ManagedPolicyArns"]
    assert set(properties) <= {
        "AssumeRolePolicyDocument",
        "Description",
        "ManagedPolicyArns",
        "RoleName",
        "Tags",
    }
    policy = pipeline.resources("Ci", "AWS::IAM::ManagedPolicy")[attached["Ref"]]
    return list(policy["Properties"]["PolicyDocument"]["Statement"])


def test_no_pipeline_has_access_unless_a_project_is_named(pipeline: Pipeline) -> None:
    assert "Ci" not in pipeline.stacks
    kinds = {r["Type"] for stack in pipeline.stacks.values() for r in stack["Resources"].values()}
    assert "AWS::IAM::OIDCProvider" not in kinds
    assert "AssumeRoleWithWebIdentity" not in json.dumps(pipeline.stacks)


@pytest.mark.parametrize("task", ["deploy", "diff"])
def test_a_role_trusts_one_branch_of_one_project_and_one_audience(trusting: Pipeline, task: str) -> None:
    """The whole trust policy: a pattern for the subject, a missing audience or a second statement fails here."""
    (provider,) = trusting.resources("Ci", "AWS::IAM::OIDCProvider")
    assert trust(trusting, task) == [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": {"Ref": provider}},
            "Condition": {
                "StringEquals": {"gitlab.com:aud": f"clickstream-{task}", "gitlab.com:sub": SUBJECT}
            },
        }
    ]


def may_assume(statements: list[dict[str, Any]], **claims: str) -> bool:
    """True if a job with these claims gets the role, by the emulator's evaluation of IAM."""
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.com"
    document = json.loads(json.dumps(statements))
    for statement in document:
        statement["Principal"]["Federated"] = provider
    context = EvalContext(
        principal_arn=provider,
        principal_type="WebIdentityUser",
        principal_account=ACCOUNT,
        action="sts:AssumeRoleWithWebIdentity",
        resource_arn=f"arn:aws:iam::{ACCOUNT}:role/any",
        region=REGION,
        service_context={f"gitlab.com:{name}": value for name, value in claims.items()},
    )
    return bool(
        evaluate_trust_policy(json.dumps({"Version": "2012-10-17", "Statement": document}), provider, context)
    )


STRANGERS = {
    "another branch, as in a merge request": SUBJECT.replace("release", "feature"),
    "a branch whose name has the same start": f"{SUBJECT}-2",
    "a tag of the branch's name": SUBJECT.replace("branch", "tag"),
    "a fork": SUBJECT.replace("my-group", "other"),
    "another project of the group": SUBJECT.replace("clickstream", "other"),
    "a project whose name has the same start": SUBJECT.replace("clickstream:", "clickstream-2:"),
    "another letter case": SUBJECT.upper(),
    "a pattern": "*",
}


@pytest.mark.parametrize("task", ["deploy", "diff"])
def test_other_callers_are_denied(trusting: Pipeline, task: str) -> None:
    statements, audience = trust(trusting, task), f"clickstream-{task}"
    assert may_assume(statements, sub=SUBJECT, aud=audience)
    assert [who for who, sub in STRANGERS.items() if may_assume(statements, sub=sub, aud=audience)] == []
    assert not may_assume(statements, sub=SUBJECT)
    assert not may_assume(statements, aud=audience)


def test_a_token_of_a_diff_job_cannot_deploy(trusting: Pipeline) -> None:
    """Both jobs run on the same branch; only the audience of GitLab's token differs."""
    assert not may_assume(trust(trusting, "deploy"), sub=SUBJECT, aud="clickstream-diff")
    assert not may_assume(trust(trusting, "diff"), sub=SUBJECT, aud="clickstream-deploy")


@pytest.mark.parametrize(
    ("condition", "let_in"),
    [
        ({"StringLike": {"gitlab.com:sub": "project_path:my-group/*"}}, "another project of the group"),
        ({"StringLike": {"gitlab.com:sub": f"{SUBJECT}*"}}, "a branch whose name has the same start"),
        ({"StringEquals": {"gitlab.com:aud": "clickstream-deploy"}}, "a fork"),
    ],
)
def test_the_evaluation_detects_a_weakened_trust(
    trusting: Pipeline, condition: dict[str, Any], let_in: str
) -> None:
    (statement,) = trust(trusting, "deploy")
    opened = [{**statement, "Condition": condition}]
    assert may_assume(opened, sub=STRANGERS[let_in], aud="clickstream-deploy")


def test_deploy_role_assumes_only_the_bootstrap_roles_of_its_account_and_region(
    trusting: Pipeline,
) -> None:
    assert permissions(trusting, "deploy") == [
        {
            "Sid": "GoThroughBootstrapRoles",
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": [
                f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-{kind}-role-{ACCOUNT}-{REGION}"
                for kind in ("deploy", "file-publishing", "lookup")
            ],
        }
    ]


def test_bootstrap_roles_follow_the_apps_qualifier(tmp_path: Path) -> None:
    own = alone(tmp_path, CI, **{"@aws-cdk/core:bootstrapQualifier": "mine"})
    (statement,) = permissions(own, "deploy")
    assert f"arn:aws:iam::{ACCOUNT}:role/cdk-mine-deploy-role-{ACCOUNT}-{REGION}" in statement["Resource"]


def test_diff_role_reads_only_the_templates_of_the_other_stacks(trusting: Pipeline) -> None:
    """Neither the CDK's lookup role, which reads everything, nor the stack that defines the pipelines' permissions."""
    others = sorted(stack for stack in trusting.stacks if stack != "Ci")
    assert permissions(trusting, "diff") == [
        {
            "Sid": "ReadTemplates",
            "Effect": "Allow",
            "Action": ["cloudformation:DescribeStacks", "cloudformation:GetTemplate"],
            "Resource": [
                f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/clickstream-test-{stack}/*"
                for stack in others
            ],
        }
    ]


def test_the_oidc_provider_has_both_audiences(trusting: Pipeline) -> None:
    provider = trusting.properties("Ci", "AWS::IAM::OIDCProvider")
    assert provider["Url"] == "https://gitlab.com"
    assert sorted(provider["ClientIdList"]) == ["clickstream-deploy", "clickstream-diff"]


def test_a_second_environment_of_an_account_uses_the_existing_provider(synthesized: Synthesized) -> None:
    second = synthesized(ci={**CI, "gitlab_url": "https://git.example.com/gitlab", "create_provider": False})
    assert not second.resources("Ci", "AWS::IAM::OIDCProvider")
    (statement,) = trust(second, "deploy")
    assert statement["Principal"] == {
        "Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/git.example.com/gitlab"
    }
    assert set(statement["Condition"]["StringEquals"]) == {
        "git.example.com/gitlab:aud",
        "git.example.com/gitlab:sub",
    }


def test_the_branch_defaults_to_the_environments_name(tmp_path: Path) -> None:
    unnamed = alone(tmp_path, {"project_path": CI["project_path"]})
    (statement,) = trust(unnamed, "deploy")
    subject = statement["Condition"]["StringEquals"]["gitlab.com:sub"]
    assert subject == SUBJECT.replace("release", "test")


def test_the_ci_stack_depends_on_no_other_stack(trusting: Pipeline) -> None:
    """An administrator deploys it first and alone; pipelines deploy the rest."""
    assert trusting.dependencies["Ci"] == set()
