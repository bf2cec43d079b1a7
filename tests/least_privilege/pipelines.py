"""The roles of a GitLab pipeline."""

from __future__ import annotations

from tests.least_privilege.attempt import Attempt, Identity, may, may_not

_NEITHER: tuple[Attempt, ...] = (
    may_not(
        "sts:AssumeRole",
        "the role that CloudFormation deploys with",
        lambda aws, at: aws("sts").assume_role(
            RoleArn=at.cloudformation_role, RoleSessionName="least-privilege"
        ),
    ),
    may_not(
        "s3:GetObject", "an event file", lambda aws, at: aws("s3").get_object(Bucket=at.lake, Key=at.event)
    ),
    may_not(
        "secretsmanager:GetSecretValue",
        "the Snowflake login",
        lambda aws, at: aws("secretsmanager").get_secret_value(SecretId=at.login_secret),
    ),
    may_not(
        "cloudformation:DeleteStack",
        "of the pipeline by itself",
        lambda aws, at: aws("cloudformation").delete_stack(StackName=at.stack),
    ),
    may_not(
        "iam:CreateAccessKey",
        "for the Snowpipe user",
        lambda aws, at: aws("iam").create_access_key(UserName=at.user),
    ),
)

DEPLOY = Identity(
    "GitLab's deploy role",
    "runs `cdk deploy` in a pipeline of the environment's branch, through the CDK's own roles; off by default",
    "DeployRole",
    (
        may(
            "sts:AssumeRole",
            "the CDK's deploy role",
            lambda aws, at: aws("sts").assume_role(RoleArn=at.deploy_role, RoleSessionName="least-privilege"),
        ),
        *_NEITHER,
    ),
)

DIFF = Identity(
    "GitLab's diff role",
    "runs `cdk diff` in a pipeline of the environment's branch, reading what is deployed; off by default",
    "DiffRole",
    (
        may(
            "cloudformation:GetTemplate",
            "of the pipeline",
            lambda aws, at: aws("cloudformation").get_template(StackName=at.stack),
        ),
        may(
            "cloudformation:DescribeStacks",
            "of the pipeline",
            lambda aws, at: aws("cloudformation").describe_stacks(StackName=at.stack),
        ),
        may_not(
            "sts:AssumeRole",
            "the CDK's deploy role",
            lambda aws, at: aws("sts").assume_role(RoleArn=at.deploy_role, RoleSessionName="least-privilege"),
        ),
        may_not(
            "cloudformation:GetTemplate",
            "of another stack",
            lambda aws, at: aws("cloudformation").get_template(StackName=at.other_stack),
        ),
        may_not(
            "cloudformation:DescribeStacks",
            "of another stack",
            lambda aws, at: aws("cloudformation").describe_stacks(StackName=at.other_stack),
        ),
        *_NEITHER,
    ),
)
