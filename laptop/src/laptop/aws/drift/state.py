"""The present state of resources, property by property, in the shape in which the emulator stores it.

Types that CloudFormation checks and that are missing here are reported as not checked:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import-supported-resources.html.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import (
    cloudwatch,
    cloudwatch_logs,
    eventbridge,
    firehose,
    iam,
    kinesis,
    kms,
    lambda_svc,
    s3,
    secretsmanager,
    sns,
)

Properties = Mapping[str, Any]
Find = Callable[[str, Properties], Any]
"""The stored resource of a physical id and its properties; None if it is gone."""
Read = Callable[[Any], Any]
"""The stored value of a property."""


def _member(*path: str) -> Read:
    def read(found: Any) -> Any:
        for name in path:
            found = (found or {}).get(name)
        return found

    return read


def _members(*names: str) -> dict[str, Read]:
    return {name: _member(name) for name in names}


def _answer(get: Callable[[str], Any]) -> Read:
    """The body of an S3 answer about a bucket; None if nothing is configured."""

    def read(bucket: str) -> Any:
        status, _, body = get(bucket)
        return body if status == 200 else None

    return read


def _find_bucket(bucket: str, properties: Properties) -> str | None:
    return bucket if bucket in s3._buckets else None


def _find_function(name: str, properties: Properties) -> Any:
    function = lambda_svc._functions.get(name)
    return function and {**function["config"], "Tags": function.get("tags")}


def _find_role(name: str, properties: Properties) -> Any:
    """A role, with the inline policies of its resource; those of other resources are theirs."""
    role = iam._roles.get(name)
    named = [policy["PolicyName"] for policy in properties.get("Policies", [])]
    return role and {**role, "Policies": {name: role["InlinePolicies"].get(name) for name in named}}


def _find_group_or_user(found: Any, name: str) -> Any:
    groups = [group for group, about in iam._groups.items() if name in about.get("Users", [])]
    return found and {**found, "Groups": sorted(groups)}


def _find_managed_policy(arn: str, properties: Properties) -> Any:
    policy = iam._policies.get(arn)
    if not policy:
        return None
    default = policy["Versions"][policy["DefaultVersionId"]]
    return {**policy, "PolicyDocument": default["Document"]}


def _find_rule(name: str, properties: Properties) -> Any:
    key = eventbridge._rule_key(name, properties.get("EventBusName") or "default")
    rule = eventbridge._rules.get(key)
    return rule and {**rule, "Targets": eventbridge._targets.get(key)}


def _find_subscription(arn: str, properties: Properties) -> Any:
    topic = sns._topics.get(sns._sub_arn_to_topic.get(arn)) or {}
    return next((each for each in topic.get("subscriptions", []) if each["arn"] == arn), None)


def _find_topic_policy(name: str, properties: Properties) -> Any:
    topics = [sns._topics.get(arn) for arn in properties["Topics"]]
    policies = [topic and topic["attributes"].get("Policy") for topic in topics]
    return {"PolicyDocument": policies, "Topics": True} if all(policies) else None


def _find_bucket_policy(name: str, properties: Properties) -> Any:
    policy = s3._bucket_policies.get(properties["Bucket"])
    return policy and {"PolicyDocument": policy, "Bucket": True}


def _find_secret(arn: str, properties: Properties) -> Any:
    secrets = [secret for secret in secretsmanager._secrets.values() if secret["ARN"] == arn]
    return secrets[0] if secrets and not secrets[0].get("DeletedDate") else None


def _find_metric_filter(name: str, properties: Properties) -> Any:
    return cloudwatch_logs._metric_filters.get((properties["LogGroupName"], name))


def _source(stream: Any) -> Any:
    return {**(stream["kinesis_source"] or {}), "DeliveryStartTimestamp": None}


def _destination(stream: Any) -> Any:
    return [{**destination, "records": None} for destination in stream["destinations"]]


_ALARM = _members("AlarmName", "AlarmDescription", "ActionsEnabled", "AlarmActions", "OKActions")

KINDS: Mapping[str, tuple[Find, Mapping[str, Read]]] = {
    "AWS::CloudWatch::Alarm": (
        lambda name, _: cloudwatch._alarms.get(name),
        _ALARM
        | _members("ComparisonOperator", "DatapointsToAlarm", "Dimensions", "EvaluationPeriods", "MetricName")
        | _members("Metrics", "Namespace", "Period", "Statistic", "Threshold", "TreatMissingData"),
    ),
    "AWS::CloudWatch::CompositeAlarm": (
        lambda name, _: cloudwatch._composite_alarms.get(name),
        _ALARM | _members("AlarmRule"),
    ),
    "AWS::CloudWatch::Dashboard": (
        lambda name, _: cloudwatch._dashboards.get(name),
        _members("DashboardName", "DashboardBody"),
    ),
    "AWS::Events::Rule": (_find_rule, _members("Name", "ScheduleExpression", "State", "Targets")),
    "AWS::IAM::Group": (
        lambda name, _: iam._groups.get(name),
        {"GroupName": _member("GroupName"), "ManagedPolicyArns": _member("AttachedPolicies")},
    ),
    "AWS::IAM::ManagedPolicy": (_find_managed_policy, _members("Description", "Path", "PolicyDocument")),
    "AWS::IAM::Role": (
        _find_role,
        _members("AssumeRolePolicyDocument", "Description", "Path", "RoleName", "Policies", "Tags")
        | {"ManagedPolicyArns": _member("AttachedPolicies")},
    ),
    "AWS::IAM::User": (
        lambda name, _: _find_group_or_user(iam._users.get(name), name),
        _members("UserName", "Groups", "Tags"),
    ),
    "AWS::Kinesis::Stream": (
        lambda name, _: kinesis._streams.get(name),
        _members("RetentionPeriodHours", "StreamModeDetails")
        | {
            "Name": _member("StreamName"),
            "ShardCount": lambda stream: len(stream["shards"]),
            "StreamEncryption": lambda stream: [stream["EncryptionType"], stream.get("KeyId")],
            "Tags": _member("tags"),
        },
    ),
    "AWS::KinesisFirehose::DeliveryStream": (
        lambda name, _: firehose._streams.get(name),
        {
            "DeliveryStreamName": _member("name"),
            "DeliveryStreamType": _member("type"),
            "DeliveryStreamEncryptionConfigurationInput": _member("encryption"),
            "ExtendedS3DestinationConfiguration": _destination,
            "KinesisStreamSourceConfiguration": _source,
            "Tags": _member("tags"),
        },
    ),
    "AWS::KMS::Key": (
        lambda key, _: kms._resolve_key(key),
        {
            "Description": _member("Description"),
            "EnableKeyRotation": _member("KeyRotationEnabled"),
            "KeyPolicy": lambda key: [key.get("Policy"), key.get("KeyState")],
            "Tags": _member("Tags"),
        },
    ),
    "AWS::Lambda::Function": (
        _find_function,
        _members("Architectures", "Description", "Environment", "FunctionName", "Handler", "LoggingConfig")
        | _members("MemorySize", "Role", "Runtime", "Tags", "Timeout", "VpcConfig"),
    ),
    "AWS::Logs::LogGroup": (
        lambda name, _: cloudwatch_logs._log_groups.get(name),
        {
            "LogGroupName": lambda _: True,
            "RetentionInDays": _member("retentionInDays"),
            "KmsKeyId": _member("kmsKeyId"),
            "Tags": _member("tags"),
        },
    ),
    "AWS::Logs::MetricFilter": (
        _find_metric_filter,
        {
            "LogGroupName": lambda _: True,
            "FilterPattern": _member("filterPattern"),
            "MetricTransformations": _member("metricTransformations"),
        },
    ),
    "AWS::S3::Bucket": (
        _find_bucket,
        {
            "BucketName": lambda _: True,
            "BucketEncryption": _answer(s3._get_bucket_encryption),
            "LifecycleConfiguration": _answer(s3._get_bucket_lifecycle),
            "LoggingConfiguration": _answer(s3._get_bucket_logging),
            "MetricsConfigurations": lambda bucket: s3._buckets[bucket].get("_request_metrics"),
            "OwnershipControls": _answer(s3._get_bucket_ownership_controls),
            "PublicAccessBlockConfiguration": _answer(s3._get_public_access_block),
            "Tags": _answer(s3._get_bucket_tagging),
            "VersioningConfiguration": _answer(s3._get_bucket_versioning),
        },
    ),
    "AWS::S3::BucketPolicy": (_find_bucket_policy, _members("Bucket", "PolicyDocument")),
    "AWS::SecretsManager::Secret": (_find_secret, _members("Description", "KmsKeyId", "Name", "Tags")),
    "AWS::SNS::Subscription": (
        _find_subscription,
        {"Endpoint": _member("endpoint"), "Protocol": _member("protocol"), "TopicArn": lambda _: True},
    ),
    "AWS::SNS::Topic": (
        lambda arn, _: sns._topics.get(arn),
        {
            "DisplayName": _member("attributes", "DisplayName"),
            "KmsMasterKeyId": _member("attributes", "KmsMasterKeyId"),
            "Tags": _member("tags"),
            "TopicName": _member("name"),
        },
    ),
    "AWS::SNS::TopicPolicy": (_find_topic_policy, _members("PolicyDocument", "Topics")),
}
