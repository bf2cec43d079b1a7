"""External access in the templates: only the principals of this list, and no listening resource."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.infrastructure.synthesis import ACCOUNT, Pipeline, Template

EXPOSED = ["no data", "direct put", "customer keys", "storage integration", "pipelines", "sample producer"]

# Allowed principals and the conditions they need: without a condition, a service would act for any of its customers.
DOORS = {
    # A service runs the pipeline's functions. No one else can make it use these roles, since that needs iam:PassRole.
    ("AWS::IAM::Role", "lambda.amazonaws.com"): set(),
    ("AWS::IAM::Role", "ec2.amazonaws.com"): set(),
    # A service acts for any customer, so the request must name the account.
    ("AWS::IAM::Role", "firehose.amazonaws.com"): {"aws:SourceAccount"},
    ("AWS::IAM::Role", "vpc-flow-logs.amazonaws.com"): {"aws:SourceAccount"},
    ("AWS::KMS::Key", "cloudwatch.amazonaws.com"): {"aws:SourceAccount"},
    ("AWS::SNS::TopicPolicy", "cloudwatch.amazonaws.com"): {"aws:SourceAccount"},
    ("AWS::S3::BucketPolicy", "logging.s3.amazonaws.com"): {"aws:SourceAccount", "aws:SourceArn"},
    ("AWS::Lambda::Permission", "events.amazonaws.com"): {"aws:SourceArn"},
    # All integrations of a Snowflake account share one user; the external ID identifies ours.
    ("AWS::IAM::Role", "LakeIntegration.IamUserArn"): {"sts:ExternalId"},
    # GitLab's provider issues tokens for every project.
    ("AWS::IAM::Role", "GitLabProvider"): {"gitlab.com:aud", "gitlab.com:sub"},
    # This statement makes the account's IAM policies apply to a key.
    ("AWS::KMS::Key", f"arn:aws:iam::{ACCOUNT}:root"): set(),
    # The key of a stream serves this account's users of that stream, through Kinesis.
    ("AWS::KMS::Key", "*"): {"kms:CallerAccount", "kms:ViaService", "kms:EncryptionContext:aws:kinesis:arn"},
}
# For one key; AWS names groups of calls this way.
PARTIAL = {"kms:GenerateDataKey*", "kms:ReEncrypt*"}
LISTENING = (
    "AWS::ApiGateway",
    "AWS::ApiGatewayV2",
    "AWS::ElasticLoadBalancing",
    "AWS::ElasticLoadBalancingV2",
    "AWS::Lambda::Url",
    "AWS::EC2::SecurityGroupIngress",
)


def resources(pipeline: Pipeline) -> Iterator[dict[str, Any]]:
    for template in pipeline.stacks.values():
        yield from template["Resources"].values()


def statements(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("Effect") == "Allow":
            yield node
        for value in node.values():
            yield from statements(value)
    elif isinstance(node, list):
        for value in node:
            yield from statements(value)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def named(principal: Any) -> str:
    """A principal as text; a reference becomes the construct's name without CloudFormation's suffix."""
    if isinstance(principal, str):
        return principal
    parts = principal.get("Fn::GetAtt") or [principal["Ref"]]
    return ".".join([parts[0][:-8], *parts[1:]])


def doors(pipeline: Pipeline) -> Iterator[tuple[tuple[str, str], set[str]]]:
    """Every allowed principal, with its equality conditions."""
    for resource in resources(pipeline):
        kind, properties = resource["Type"], resource.get("Properties", {})
        if kind == "AWS::Lambda::Permission":
            shown = {f"aws:{key}" for key in ("SourceArn", "SourceAccount") if key in properties}
            yield (kind, named(properties["Principal"])), shown
        for statement in statements(properties):
            principals = statement.get("Principal", {})
            for who in listed(principals if isinstance(principals, str) else [*principals.values()]):
                exact = {**statement.get("Condition", {})}
                keys = {
                    # Firehose names the account in one or the other.
                    "aws:SourceAccount" if (key, value) == ("sts:ExternalId", ACCOUNT) else key
                    for operator in ("StringEquals", "ArnLike")
                    for key, value in exact.get(operator, {}).items()
                }
                assert "*" not in json.dumps(exact)
                for one in listed(who):
                    yield (kind, named(one)), keys


def opened(pipeline: Pipeline) -> list[tuple[tuple[str, str], set[str]]]:
    """Principals that are not on the list, or have weaker conditions."""
    return [(door, keys) for door, keys in doors(pipeline) if door not in DOORS or keys < DOORS[door]]


def sweeping(pipeline: Pipeline) -> list[str]:
    """Actions with a wildcard that covers more than the variants of one call."""
    return [
        action
        for resource in resources(pipeline)
        for statement in statements(resource.get("Properties", {}))
        for action in listed(statement.get("Action", "*"))
        if "*" in action and action not in PARTIAL
        # A key's policy allows the account; IAM policies decide which of its administrators.
        if not (resource["Type"] == "AWS::KMS::Key" and action == "kms:*")
    ]


@pytest.fixture(params=EXPOSED)
def exposed(request: pytest.FixtureRequest, variant: Callable[[str], Pipeline]) -> Pipeline:
    return variant(request.param)


def test_only_listed_principals_have_access(exposed: Pipeline) -> None:
    assert opened(exposed) == []


def test_no_policy_allows_every_action_of_a_service(exposed: Pipeline) -> None:
    assert sweeping(exposed) == []


def test_nothing_listens(exposed: Pipeline) -> None:
    kinds = {resource["Type"] for resource in resources(exposed)}
    assert [kind for kind in kinds if kind.startswith(LISTENING)] == []
    groups = [r["Properties"] for r in resources(exposed) if r["Type"] == "AWS::EC2::SecurityGroup"]
    assert all("SecurityGroupIngress" not in group for group in groups)


def test_no_metric_alarm_or_dashboard_reads_another_account(exposed: Pipeline) -> None:
    assert "accountId" not in json.dumps(exposed.stacks)


def test_topics_refuse_plain_http(exposed: Pipeline) -> None:
    topics = [r for r in resources(exposed) if r["Type"] == "AWS::SNS::Topic"]
    policies = [r["Properties"] for r in resources(exposed) if r["Type"] == "AWS::SNS::TopicPolicy"]
    refused = [
        topic
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
        and statement["Principal"] == "*"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for topic in policy["Topics"]
    ]
    assert len(refused) == len(topics)


def test_metrics_are_published_in_one_namespace_only(exposed: Pipeline) -> None:
    publishing = [
        (resource["Type"], statement.get("Condition"))
        for resource in resources(exposed)
        for statement in statements(resource.get("Properties", {}))
        if "cloudwatch:PutMetricData" in listed(statement["Action"])
    ]
    condition = {"StringEquals": {"cloudwatch:namespace": "Clickstream"}}
    assert publishing == [("AWS::IAM::Policy", condition)]


def changed(pipeline: Pipeline, change: Callable[[dict[str, Template]], None]) -> Pipeline:
    stacks = copy.deepcopy(dict(pipeline.stacks))
    change(stacks)
    return Pipeline(stacks=stacks, dependencies=pipeline.dependencies)


def firehose_trust(stacks: dict[str, Template]) -> dict[str, Any]:
    trust, _ = (
        statement
        for name, resource in stacks["Streaming"]["Resources"].items()
        if resource["Type"] == "AWS::IAM::Role" and name.startswith("ClicksDelivery")
        for statement in statements(resource["Properties"]["AssumeRolePolicyDocument"])
    )
    return trust


@pytest.mark.parametrize(
    "change",
    [
        {"Principal": "*"},
        {"Principal": {"AWS": "arn:aws:iam::999999999999:root"}},
        {"Principal": {"Service": ["firehose.amazonaws.com", "ec2.evil.example"]}},
        {"Condition": {}},
        {"Condition": {"StringLike": {"aws:SourceAccount": ACCOUNT}}},
    ],
    ids=["everyone", "another account", "another service", "no condition", "a pattern"],
)
def test_a_weakened_trust_is_detected(change: dict[str, Any], pipeline: Pipeline) -> None:
    assert opened(changed(pipeline, lambda stacks: firehose_trust(stacks).update(change))) != []


def test_a_wildcard_condition_is_detected(pipeline: Pipeline) -> None:
    change = {"Condition": {"StringEquals": {"aws:SourceAccount": "*"}}}
    with pytest.raises(AssertionError):
        opened(changed(pipeline, lambda stacks: firehose_trust(stacks).update(change)))


@pytest.mark.parametrize("action", ["s3:*", "*", "s3:Get*"])
def test_a_wildcard_action_is_detected(action: str, pipeline: Pipeline) -> None:
    def widen(stacks: dict[str, Template]) -> None:
        policy = next(
            r for r in stacks["Access"]["Resources"].values() if r["Type"] == "AWS::IAM::ManagedPolicy"
        )
        policy["Properties"]["PolicyDocument"]["Statement"][0]["Action"] = [action]

    assert sweeping(changed(pipeline, widen)) == [action]


def unencrypted(pipeline: Pipeline) -> list[Any]:
    """Buckets whose policy does not deny requests without TLS."""
    refusing = [
        resource["Properties"]["Bucket"]
        for resource in resources(pipeline)
        if resource["Type"] == "AWS::S3::BucketPolicy"
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
        and statement["Action"] == "s3:*"
        and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
    ]
    return [
        name
        for template in pipeline.stacks.values()
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::S3::Bucket" and {"Ref": name} not in refusing
    ]


def test_buckets_deny_requests_without_tls(exposed: Pipeline) -> None:
    assert unencrypted(exposed) == []


def test_a_missing_enforce_ssl_is_detected(pipeline: Pipeline) -> None:
    def drop(stacks: dict[str, Template]) -> None:
        for resource in stacks["Storage"]["Resources"].values():
            if resource["Type"] == "AWS::S3::BucketPolicy":
                policy = resource["Properties"]["PolicyDocument"]
                policy["Statement"] = [one for one in policy["Statement"] if one["Effect"] != "Deny"]

    assert len(unencrypted(changed(pipeline, drop))) == 2
