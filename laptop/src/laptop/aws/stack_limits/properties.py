"""Limits of the services on the properties of a template, by type."""

from __future__ import annotations

import re
from collections.abc import Mapping

from laptop.aws.stack_limits.checks import (
    Check,
    Properties,
    between,
    count,
    evaluation,
    function_role,
    key_policy,
    length,
    lifecycle,
    matching,
    metrics_ids,
    policy_size,
    retention,
    trusted,
    variables,
    widgets,
)

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET = re.compile(
    r"(?!xn--|sthree-|amzn-s3-demo-|\d+\.\d+\.\d+\.\d+$)(?!.*(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$)"
    r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
)
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html
_SCHEDULE = re.compile(r"rate\((1 (minute|hour|day)|(?!1 )[1-9]\d* (minutes|hours|days))\)|cron\(.+\)")
_ANYTHING = re.compile(r".+")
# https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
_ENDPOINTS = {
    "https": re.compile(r"https://.+"),
    "http": re.compile(r"http://.+"),
    "email": re.compile(r"[^@\s]+@[^@\s]+"),
    "sqs": _ANYTHING,
    "lambda": _ANYTHING,
}

LIMITS: Mapping[str, tuple[Check, ...]] = {
    "AWS::CloudWatch::Alarm": (
        evaluation,
        length("AlarmName", 255),
        length("AlarmDescription", 1024),
        count("AlarmActions", 5),
        count("OKActions", 5),
    ),
    "AWS::CloudWatch::CompositeAlarm": (
        length("AlarmName", 255),
        length("AlarmDescription", 1024),
        length("AlarmRule", 10_240),
        count("AlarmActions", 5),
    ),
    "AWS::CloudWatch::Dashboard": (length("DashboardName", 255), widgets),
    "AWS::Events::Rule": (
        length("Name", 64),
        matching("ScheduleExpression", _SCHEDULE),
        count("Targets", 5),
    ),
    "AWS::IAM::Group": (length("GroupName", 128), count("ManagedPolicyArns", 10)),
    "AWS::IAM::ManagedPolicy": (length("ManagedPolicyName", 128), policy_size(6_144, "PolicyDocument")),
    "AWS::IAM::Policy": (length("PolicyName", 128), policy_size(10_240, "PolicyDocument")),
    "AWS::IAM::Role": (
        length("RoleName", 64),
        length("Description", 1000),
        policy_size(2_048, "AssumeRolePolicyDocument"),
        policy_size(10_240, "Policies"),
        count("ManagedPolicyArns", 10),
        trusted,
    ),
    "AWS::IAM::User": (length("UserName", 64), count("Groups", 10)),
    "AWS::Kinesis::Stream": (length("Name", 128), between("RetentionPeriodHours", 24, 8760)),
    "AWS::KinesisFirehose::DeliveryStream": (length("DeliveryStreamName", 64),),
    "AWS::KMS::Key": (length("Description", 8192), policy_size(32_768, "KeyPolicy"), key_policy),
    "AWS::Lambda::Function": (
        length("FunctionName", 64),
        length("Description", 256),
        between("MemorySize", 128, 10_240),
        between("Timeout", 1, 900),
        variables,
        function_role,
    ),
    "AWS::Logs::LogGroup": (length("LogGroupName", 512), retention),
    "AWS::S3::Bucket": (matching("BucketName", _BUCKET), metrics_ids, lifecycle),
    "AWS::S3::BucketPolicy": (policy_size(20_480, "PolicyDocument"),),
    "AWS::SecretsManager::Secret": (length("Name", 512), length("SecretString", 65_536)),
    "AWS::SNS::Subscription": (
        lambda properties: matching("Endpoint", _ENDPOINTS[properties["Protocol"]])(properties),
    ),
    "AWS::SNS::Topic": (length("TopicName", 256),),
    "AWS::SNS::TopicPolicy": (policy_size(30_720, "PolicyDocument"),),
}


def check(resource_type: str, properties: Properties) -> None:
    """Raise ValueError if a property is beyond a limit."""
    for limit in LIMITS.get(resource_type, ()):
        limit(properties)


def check_change(resource_type: str, old: Properties, new: Properties) -> None:
    """Raise ValueError if an update changes a property by more than its service does at once."""
    if resource_type == "AWS::Kinesis::Stream" and old.get("ShardCount") and new.get("ShardCount"):
        require_scalable(int(old["ShardCount"]), int(new["ShardCount"]))


def require_scalable(current: int, target: int) -> None:
    """Raise ValueError unless a stream can get this number of shards at once.

    https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html
    """
    if target > 2 * current:
        raise ValueError(
            f"UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: "
            f"{current} Target shard count: {target}"
        )
    if 2 * target < current:
        raise ValueError(
            f"UpdateShardCount cannot scale down below half your current open shard count. Current open shard count: "
            f"{current} Target shard count: {target}"
        )
