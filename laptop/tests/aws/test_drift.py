"""Drift detection: what was changed outside a stack, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from laptop.testing.aws import ACCOUNT, ROLE, Emulator, policy, unique
from laptop.testing.waiting import eventually

Change = Callable[[Emulator, str], object]
FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "Runtime": "python3.12",
        "Handler": "index.handler",
        "Role": ROLE,
        "MemorySize": 128,
        "Code": {"ZipFile": "def handler(event, context): pass"},
    },
}
BUCKET = {
    "Type": "AWS::S3::Bucket",
    "Properties": {
        "VersioningConfiguration": {"Status": "Enabled"},
        "LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "ExpirationInDays": 7}]},
    },
}
ALARM = {
    "Type": "AWS::CloudWatch::Alarm",
    "Properties": {
        "Namespace": "Tests",
        "MetricName": "Age",
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": 10,
        "ComparisonOperator": "GreaterThanThreshold",
    },
}
STREAM = {
    "Type": "AWS::Kinesis::Stream",
    "Properties": {"Name": "named by the test", "ShardCount": 2, "RetentionPeriodHours": 24},
}
RULE = {"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(1 day)", "State": "ENABLED"}}
READING = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "AssumeRolePolicyDocument": json.loads(
            policy(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            )
        ),
        "Policies": [
            {
                "PolicyName": "reading",
                "PolicyDocument": json.loads(
                    policy({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
                ),
            }
        ],
    },
}
KEY = {
    "Type": "AWS::KMS::Key",
    "Properties": {
        "EnableKeyRotation": True,
        "KeyPolicy": json.loads(
            policy(
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            )
        ),
    },
}
SECRET = {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "x", "Description": "a"}}
LOGS = {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 7}}
CHANGES: list[tuple[dict[str, Any], Change, str]] = [
    (
        FUNCTION,
        lambda aws, name: aws.client("lambda").update_function_configuration(
            FunctionName=name, MemorySize=256
        ),
        "/MemorySize",
    ),
    (FUNCTION, lambda aws, name: aws.client("lambda").delete_function(FunctionName=name), ""),
    (
        BUCKET,
        lambda aws, name: aws.client("s3").put_bucket_versioning(
            Bucket=name, VersioningConfiguration={"Status": "Suspended"}
        ),
        "/VersioningConfiguration",
    ),
    (
        BUCKET,
        lambda aws, name: aws.client("s3").delete_bucket_lifecycle(Bucket=name),
        "/LifecycleConfiguration",
    ),
    (ALARM, lambda aws, name: aws.client("cloudwatch").delete_alarms(AlarmNames=[name]), ""),
    (ALARM, lambda aws, name: aws.client("cloudwatch").put_metric_alarm(**_raised(name)), "/Threshold"),
    (
        STREAM,
        lambda aws, name: aws.client("kinesis").increase_stream_retention_period(
            StreamName=name, RetentionPeriodHours=48
        ),
        "/RetentionPeriodHours",
    ),
    (RULE, lambda aws, name: aws.client("events").disable_rule(Name=name), "/State"),
    (
        READING,
        lambda aws, name: aws.client("iam").put_role_policy(
            RoleName=name,
            PolicyName="reading",
            PolicyDocument=policy({"Effect": "Deny", "Action": "*", "Resource": "*"}),
        ),
        "/Policies",
    ),
    (KEY, lambda aws, name: aws.client("kms").disable_key_rotation(KeyId=name), "/EnableKeyRotation"),
    (SECRET, lambda aws, name: aws.client("secretsmanager").delete_secret(SecretId=name), ""),
    (
        LOGS,
        lambda aws, name: aws.client("logs").delete_retention_policy(logGroupName=name),
        "/RetentionInDays",
    ),
]


def _raised(name: str) -> dict[str, Any]:
    return {"AlarmName": name, **ALARM["Properties"], "Threshold": 20}  # type: ignore[dict-item]


def drifts(emulator: Emulator, stack: str) -> dict[str, tuple[str, list[str]]]:
    """Status and differing properties of each checked resource."""
    cloudformation = emulator.client("cloudformation")
    detection = cloudformation.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]
    eventually(
        lambda: (
            cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=detection)[
                "DetectionStatus"
            ]
            == "DETECTION_COMPLETE"
        )
    )
    found = cloudformation.describe_stack_resource_drifts(StackName=stack)["StackResourceDrifts"]
    return {
        drift["LogicalResourceId"]: (
            drift["StackResourceDriftStatus"],
            [each["PropertyPath"] for each in drift.get("PropertyDifferences", [])],
        )
        for drift in found
    }


@pytest.mark.parametrize(
    ("resource", "change", "path"),
    CHANGES,
    ids=[f"{resource['Type']}{path}" for resource, _, path in CHANGES],
)
def test_a_change_outside_the_stack_is_found(
    emulator: Emulator, resource: dict[str, Any], change: Change, path: str
) -> None:
    own = {name: unique("stream") for name in ("Name",) if name in resource["Properties"]}
    stack = emulator.deploy({"It": {**resource, "Properties": {**resource["Properties"], **own}}})
    assert drifts(emulator, stack) == {"It": ("IN_SYNC", [])}
    change(emulator, emulator.physical_id(stack, "It"))
    assert drifts(emulator, stack) == {"It": ("MODIFIED", [path]) if path else ("DELETED", [])}


def test_an_update_of_another_property_does_not_hide_drift(emulator: Emulator) -> None:
    stack = emulator.deploy({"It": LOGS})
    name = emulator.physical_id(stack, "It")
    emulator.client("logs").delete_retention_policy(logGroupName=name)
    changed = {**LOGS["Properties"], "KmsKeyId": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/x"}  # type: ignore[dict-item]
    emulator.deploy({"It": {**LOGS, "Properties": changed}}, stack)
    status = drifts(emulator, stack)["It"]
    repaired = emulator.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]
    assert status == (
        ("IN_SYNC", []) if "retentionInDays" in repaired else ("MODIFIED", ["/RetentionInDays"])
    )


def test_what_cannot_be_compared_is_not_checked(emulator: Emulator) -> None:
    unread = {**FUNCTION, "Properties": {**FUNCTION["Properties"], "ReservedConcurrentExecutions": 1}}  # type: ignore[dict-item]
    stack = emulator.deploy({"Queue": {"Type": "AWS::SQS::Queue"}, "Function": unread})
    assert drifts(emulator, stack) == {}
    listed = emulator.client("cloudformation").list_stack_resources(StackName=stack)
    states = {
        each["DriftInformation"]["StackResourceDriftStatus"] for each in listed["StackResourceSummaries"]
    }
    assert states == {"NOT_CHECKED"}


def test_reverting_drift_is_refused(emulator: Emulator) -> None:
    stack = emulator.deploy({"It": LOGS})
    cloudformation = emulator.client("cloudformation")
    with pytest.raises(cloudformation.exceptions.ClientError, match="does not revert drift"):
        cloudformation.create_change_set(
            StackName=stack,
            ChangeSetName="revert",
            TemplateBody=json.dumps({"Resources": {"It": LOGS}}),
            DeploymentMode="REVERT_DRIFT",
        )
