"""Creates the targets of the table's calls in a deployment."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any

from tests.least_privilege.attempt import Places
from tests.least_privilege.calls import LOG_STREAM
from tests.least_privilege.deployed import Deployed

_EVENT = "events/dt=2026-01-01/hh=00/least-privilege"
_FAILURE = "errors/clicks/processing-failed/least-privilege"
_LOG_GROUPS = {
    "delivery_log": "ClicksDeliveryErrors",
    "gate_log": "ClicksGateLogs",
    "setup_log": "SnowflakeLogs",
    "framework_log": "SnowflakeFrameworkLogs",
    "monitor_log": "MonitorScheduledLogs",
    "canary_log": "CanaryScheduledLogs",
    "producer_log": "SampleProducerLogs",
    "flow_log": "NetworkFlows",
}


def add_targets(deployed: Deployed, *, login_secret: str, monitor_secret: str) -> Places:
    """Add files to the lake, log streams to the log groups, and one foreign resource of every type."""
    name = deployed.name
    places = Places(
        **_foreign(deployed),
        **_keys(deployed),
        **_staged(deployed),
        **_log_groups(deployed),
        lake=name("AWS::S3::Bucket", "EventLakeBucket"),
        event=_EVENT,
        failure=_FAILURE,
        access_logs=name("AWS::S3::Bucket", "EventLakeAccessLogs"),
        stream=_stream_arn(deployed, name("AWS::Kinesis::Stream", "ClicksStream")),
        delivery_stream=name("AWS::KinesisFirehose::DeliveryStream", "ClicksDeliveryDeliveryStream"),
        login_secret=login_secret,
        monitor_secret=monitor_secret,
        credentials_secret=name("AWS::SecretsManager::Secret", "SnowpipeKeyCredentials"),
        setup_function=name("AWS::Lambda::Function", "SnowflakeFunction"),
        gate_function=name("AWS::Lambda::Function", "ClicksGateFunction"),
        other_function=name("AWS::Lambda::Function", "SnowflakeFrameworkframeworkonEvent"),
        user=name("AWS::IAM::User", "SnowpipeUser"),
        stack=f"{deployed.prefix}Streaming",
    )
    _add_files(deployed, places)
    _add_log_streams(deployed, places)
    return places


def _foreign(deployed: Deployed) -> dict[str, Any]:
    """Resources that are not part of the pipeline."""
    other = f"other-{uuid.uuid4().hex[:12]}"
    connect = deployed.connect
    s3, kinesis, cloudformation = connect("s3"), connect("kinesis"), connect("cloudformation")
    s3.create_bucket(Bucket=other, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    kinesis.create_stream(StreamName=other, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=other, WaiterConfig={"Delay": 1})
    connect("logs").create_log_group(logGroupName=f"/{other}")
    nothing = '{"Resources": {"Nothing": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}'
    cloudformation.create_stack(StackName=other, TemplateBody=nothing)
    return {
        "other_bucket": other,
        "other_stream": _stream_arn(deployed, other),
        "other_log": f"/{other}",
        "other_secret": connect("secretsmanager").create_secret(Name=other, SecretString="{}")["ARN"],
        "other_stack": other,
    }


def _keys(deployed: Deployed) -> dict[str, Any]:
    kms = deployed.connect("kms")
    lake_key = kms.describe_key(KeyId=deployed.name("AWS::KMS::Key", "EventLakeKey"))["KeyMetadata"]["Arn"]
    other_key = kms.create_key()["KeyMetadata"]["Arn"]
    return {
        "lake_key": lake_key,
        "lake_ciphertext": kms.encrypt(KeyId=lake_key, Plaintext=b"x")["CiphertextBlob"],
        "other_key": other_key,
        "other_ciphertext": kms.encrypt(KeyId=other_key, Plaintext=b"x")["CiphertextBlob"],
    }


def _staged(deployed: Deployed) -> dict[str, Any]:
    """Resources of `cdk bootstrap`, and the code that deployments upload there."""
    connect = deployed.connect
    account, region = connect("sts").get_caller_identity()["Account"], connect("s3").meta.region_name
    iam, role = connect("iam"), deployed.name("AWS::IAM::Role", "SampleProducerMachineRole")
    (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    (code,) = (one["Resource"] for one in document["Statement"] if one.get("Sid") == "FetchCode")
    bucket, _, key = code.removeprefix("arn:aws:s3:::").partition("/")
    objects = connect("s3").list_objects_v2(Bucket=bucket)["Contents"]
    roles = f"arn:aws:iam::{account}:role/cdk-hnb659fds-{{}}-role-{account}-{region}"
    return {
        "assets": bucket,
        "producer_code": key,
        "other_code": next(one["Key"] for one in objects if one["Key"] != key),
        "deploy_role": roles.format("deploy"),
        "cloudformation_role": roles.format("cfn-exec"),
    }


def _log_groups(deployed: Deployed) -> dict[str, Any]:
    return {
        field: deployed.name("AWS::Logs::LogGroup", logical_id) for field, logical_id in _LOG_GROUPS.items()
    }


def _stream_arn(deployed: Deployed, stream: str) -> str:
    described = deployed.connect("kinesis").describe_stream_summary(StreamName=stream)
    return str(described["StreamDescriptionSummary"]["StreamARN"])


def _add_files(deployed: Deployed, places: Places) -> None:
    s3 = deployed.connect("s3")
    s3.put_object(Bucket=places.other_bucket, Key=places.event, Body=b"")
    for key in (places.event, places.failure, "events-archive/file"):
        s3.put_object(Bucket=places.lake, Key=key, Body=b"")


def _add_log_streams(deployed: Deployed, places: Places) -> None:
    logs, named = deployed.connect("logs"), dataclasses.asdict(places)
    for group in (*(named[field] for field in _LOG_GROUPS), places.other_log):
        logs.create_log_stream(logGroupName=group, logStreamName=LOG_STREAM)
