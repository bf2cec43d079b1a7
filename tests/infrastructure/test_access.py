"""The Snowpipe user: its exact permissions, and the place of its key."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.infrastructure.synthesis import Pipeline

Variant = Callable[[str], Pipeline]


def statements(pipeline: Pipeline) -> dict[str, dict[str, Any]]:
    policy = pipeline.properties("Access", "AWS::IAM::ManagedPolicy")["PolicyDocument"]
    return {statement["Sid"]: statement for statement in policy["Statement"]}


def test_user_may_read_events_and_nothing_else(pipeline: Pipeline) -> None:
    """Every statement in full: a wildcard action or resource, or an additional permission, fails here."""
    bucket = {"Fn::ImportValue": pipeline_export(pipeline)}
    assert statements(pipeline) == {
        "ReadEvents": {
            "Sid": "ReadEvents",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": {"Fn::Join": ["", [bucket, "/events/*"]]},
        },
        "ListEvents": {
            "Sid": "ListEvents",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket,
            "Condition": {"StringLike": {"s3:prefix": ["events/", "events/*"]}},
        },
        # No condition: the request for a bucket's location has no prefix, so a condition would deny it.
        "LocateBucket": {
            "Sid": "LocateBucket",
            "Effect": "Allow",
            "Action": "s3:GetBucketLocation",
            "Resource": bucket,
        },
    }


def pipeline_export(pipeline: Pipeline) -> str:
    """The storage stack's export of the lake's ARN."""
    (name,) = (
        output["Export"]["Name"]
        for output in pipeline.stacks["Storage"]["Outputs"].values()
        if output.get("Export")
        and "Fn::GetAtt" in output["Value"]
        and "EventLakeBucket" in json.dumps(output["Value"])
    )
    return str(name)


def test_with_a_customer_key_it_may_also_decrypt_with_that_key(variant: Variant) -> None:
    decrypt = statements(variant("customer keys"))["DecryptEvents"]
    assert decrypt["Action"] == "kms:Decrypt"
    assert "Fn::ImportValue" in decrypt["Resource"]


def test_permissions_come_from_the_group_only(pipeline: Pipeline) -> None:
    user = pipeline.properties("Access", "AWS::IAM::User")
    assert set(user) <= {"Groups", "UserName", "Tags"}  # no inline policy, and no LoginProfile: no console
    (group,) = pipeline.resources("Access", "AWS::IAM::Group")
    assert user["Groups"] == [{"Ref": group}]
    group_properties = pipeline.properties("Access", "AWS::IAM::Group")
    (policy,) = pipeline.resources("Access", "AWS::IAM::ManagedPolicy")
    assert group_properties["ManagedPolicyArns"] == [{"Ref": policy}]
    assert not pipeline.resources("Access", "AWS::IAM::Policy")


def test_access_key_is_only_in_the_secret(pipeline: Pipeline) -> None:
    (key_id,) = pipeline.resources("Landing", "AWS::IAM::AccessKey")
    mentions = {
        (stack, name)
        for stack, template in pipeline.stacks.items()
        for section in ("Resources", "Outputs")
        for name, body in template.get(section, {}).items()
        if key_id in json.dumps(body)
    }
    (secret_id,) = pipeline.resources("Landing", "AWS::SecretsManager::Secret")
    assert mentions == {("Landing", secret_id)}


def test_a_replaced_key_is_deleted_once_the_stage_has_the_new_one(variant: Variant) -> None:
    """CloudFormation deletes replaced resources at the end of the stack's update."""
    ((_, key),) = variant("dev").resources("Landing", "AWS::IAM::AccessKey").items()
    assert "UpdateReplacePolicy" not in key
    assert "DeletionPolicy" not in key


def test_raising_the_serial_replaces_the_key_and_reaches_the_stage(variant: Variant) -> None:
    pipeline = variant("other values")
    assert pipeline.properties("Landing", "AWS::IAM::AccessKey")["Serial"] == 3
    assert pipeline.properties("Landing", "Custom::SnowflakeStage")["CredentialsSerial"] == "3"


def test_with_a_storage_integration_there_is_no_user_and_no_key(variant: Variant) -> None:
    pipeline = variant("storage integration")
    for kind in ("AWS::IAM::User", "AWS::IAM::AccessKey", "AWS::SecretsManager::Secret", "AWS::IAM::Group"):
        assert not pipeline.resources("Access", kind), kind
    stage = pipeline.properties("Landing", "Custom::SnowflakeStage")
    assert stage["StorageIntegration"] == "CLICKSTREAM_TEST_LAKE"
    assert "CredentialsSecretArn" not in stage


def test_the_roles_trust_names_the_integrations_user_and_the_external_id(
    variant: Variant,
) -> None:
    """Never a wildcard, an account or a placeholder: the principal is known only from the integration itself."""
    pipeline = variant("two access modes")
    (integration,) = pipeline.resources("Landing", "Custom::SnowflakeStorageIntegration")
    assert reader_role(pipeline)["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Action": "sts:AssumeRole",
            "Effect": "Allow",
            "Principal": {"AWS": {"Fn::GetAtt": [integration, "IamUserArn"]}},
            "Condition": {"StringEquals": {"sts:ExternalId": "clicks-of-test"}},
        }
    ]


def reader_role(pipeline: Pipeline) -> dict[str, Any]:
    (role,) = (
        role["Properties"]
        for role in pipeline.resources("Landing", "AWS::IAM::Role").values()
        if role["Properties"].get("RoleName") == "clickstream-test-snowpipe-reader"
    )
    return dict(role)


def test_the_integration_is_for_that_role_and_the_events_only(variant: Variant) -> None:
    pipeline = variant("storage integration")
    integration = pipeline.properties("Landing", "Custom::SnowflakeStorageIntegration")
    assert integration["RoleArn"] == "arn:aws:iam::111122223333:role/clickstream-test-snowpipe-reader"
    (location,) = integration["AllowedLocations"]
    assert location["Fn::Join"][1][::2] == ["s3://", "/events/"]
    assert list(reader_role(pipeline)["ManagedPolicyArns"]) == [{"Fn::ImportValue": policy_export(pipeline)}]


def policy_export(pipeline: Pipeline) -> str:
    (policy,) = pipeline.resources("Access", "AWS::IAM::ManagedPolicy")
    (name,) = (
        output["Export"]["Name"]
        for output in pipeline.stacks["Access"]["Outputs"].values()
        if output["Value"] == {"Ref": policy}
    )
    return str(name)


def test_the_stage_depends_on_integration_and_role(variant: Variant) -> None:
    pipeline = variant("storage integration")
    needed = set(pipeline.resource("Landing", "Custom::SnowflakeStage")["DependsOn"])
    roles = pipeline.resources("Landing", "AWS::IAM::Role").items()
    (role,) = (name for name, role in roles if role["Properties"] == reader_role(pipeline))
    assert {role, *pipeline.resources("Landing", "Custom::SnowflakeStorageIntegration")} <= needed


def test_a_live_stage_is_switched_before_the_user_is_deleted(variant: Variant) -> None:
    pipeline = variant("two access modes")
    assert pipeline.resources("Access", "AWS::IAM::User")
    assert "StorageIntegration" in pipeline.properties("Landing", "Custom::SnowflakeStage")
