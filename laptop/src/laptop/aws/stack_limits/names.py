"""Names that are taken: a stack creates a resource of a given name only if there is none.

MiniStack takes over what has the name. CloudFormation does so only if a change set imports existing resources:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import (
    cloudwatch,
    cloudwatch_logs,
    eventbridge,
    firehose,
    iam,
    kinesis,
    lambda_svc,
    s3,
    secretsmanager,
    sns,
)

Exists = Callable[[str], bool]


def _topic(name: str) -> bool:
    return f"arn:aws:sns:{get_region()}:{get_account_id()}:{name}" in sns._topics


NAMED: Mapping[str, tuple[str, Exists]] = {
    "AWS::CloudWatch::Alarm": ("AlarmName", lambda name: name in cloudwatch._alarms),
    "AWS::CloudWatch::CompositeAlarm": ("AlarmName", lambda name: name in cloudwatch._composite_alarms),
    "AWS::CloudWatch::Dashboard": ("DashboardName", lambda name: name in cloudwatch._dashboards),
    "AWS::Events::Rule": ("Name", lambda name: eventbridge._rule_key(name, "default") in eventbridge._rules),
    "AWS::IAM::Group": ("GroupName", lambda name: name in iam._groups),
    "AWS::IAM::Role": ("RoleName", lambda name: name in iam._roles),
    "AWS::IAM::User": ("UserName", lambda name: name in iam._users),
    "AWS::Kinesis::Stream": ("Name", lambda name: name in kinesis._streams),
    "AWS::KinesisFirehose::DeliveryStream": ("DeliveryStreamName", lambda name: name in firehose._streams),
    "AWS::Lambda::Function": ("FunctionName", lambda name: name in lambda_svc._functions),
    "AWS::Logs::LogGroup": ("LogGroupName", lambda name: name in cloudwatch_logs._log_groups),
    "AWS::S3::Bucket": ("BucketName", lambda name: name in s3._buckets),
    "AWS::SecretsManager::Secret": ("Name", lambda name: name in secretsmanager._secrets),
    "AWS::SNS::Topic": ("TopicName", _topic),
}
"""Types, with the property that names a resource."""


def require_free(resource_type: str, properties: Mapping[str, Any]) -> None:
    """Raise ValueError if there is a resource of the given name."""
    if resource_type not in NAMED:
        return
    member, exists = NAMED[resource_type]
    name = properties.get(member)
    if name and exists(name):
        raise ValueError(f"Resource of type '{resource_type}' with identifier '{name}' already exists.")
