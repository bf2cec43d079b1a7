"""Faults on the side of AWS."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from cli.doctor.patient import Patient
from tests.e2e.plain.doctor_faults.injecting import Examined, Fault, Faults, aws, configured, refusing


@contextmanager
def another_key(there: Examined) -> Iterator[None]:
    """The user has a new key, the stage reads with the old one."""
    iam, user = there.client("iam"), there.config.names.snowpipe_user
    (old,) = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
    new = iam.create_access_key(UserName=user)["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName=user, AccessKeyId=old["AccessKeyId"], Status="Inactive")
    try:
        yield
    finally:
        iam.delete_access_key(UserName=user, AccessKeyId=new)
        iam.update_access_key(UserName=user, AccessKeyId=old["AccessKeyId"], Status="Active")


@contextmanager
def inactive_key(there: Examined) -> Iterator[None]:
    iam, user = there.client("iam"), there.config.names.snowpipe_user
    (key,) = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
    iam.update_access_key(UserName=user, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    try:
        yield
    finally:
        iam.update_access_key(UserName=user, AccessKeyId=key["AccessKeyId"], Status="Active")


@contextmanager
def detached_policy(there: Examined) -> Iterator[None]:
    iam = there.client("iam")
    (group,) = iam.list_groups_for_user(UserName=there.config.names.snowpipe_user)["Groups"]
    (policy,) = iam.list_attached_group_policies(GroupName=group["GroupName"])["AttachedPolicies"]
    which = {"GroupName": group["GroupName"], "PolicyArn": policy["PolicyArn"]}
    iam.detach_group_policy(**which)
    try:
        yield
    finally:
        iam.attach_group_policy(**which)


@contextmanager
def overwritten_notifications(there: Examined) -> Iterator[None]:
    s3 = there.client("s3")
    before = s3.get_bucket_notification_configuration(Bucket=there.bucket)
    before.pop("ResponseMetadata")
    s3.put_bucket_notification_configuration(Bucket=there.bucket, NotificationConfiguration={})
    try:
        yield
    finally:
        s3.put_bucket_notification_configuration(Bucket=there.bucket, NotificationConfiguration=before)


@contextmanager
def ten_functions(there: Examined) -> Iterator[None]:
    url = there.laptop.cloud.environment()["AWS_ENDPOINT_URL"] + "/_laptop/limits"
    body = json.dumps({"lambda_account": {"concurrent_executions": 10}}).encode()
    for method, content in (("PUT", body), ("DELETE", None)):
        request = urllib.request.Request(url, data=content, method=method)  # noqa: S310 - loopback
        urllib.request.urlopen(request).close()  # noqa: S310
        if method == "PUT":
            yield


@contextmanager
def unconfirmed(there: Examined) -> Iterator[None]:
    sns = there.client("sns")
    topic = Patient(there).output("Ops", "CriticalTopicArn")
    arn = sns.subscribe(
        TopicArn=topic, Protocol="email", Endpoint="new@corp.test", ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    try:
        yield
    finally:
        sns.unsubscribe(SubscriptionArn=arn)


@contextmanager
def silenced_alarm(there: Examined) -> Iterator[None]:
    cloudwatch = there.client("cloudwatch")
    names = [Patient(there).physical_ids("Ops", "AWS::CloudWatch::Alarm")[0]]
    cloudwatch.disable_alarm_actions(AlarmNames=names)
    try:
        yield
    finally:
        cloudwatch.enable_alarm_actions(AlarmNames=names)


@contextmanager
def deleted_dashboard(there: Examined) -> Iterator[None]:
    cloudwatch, name = there.client("cloudwatch"), there.config.prefix
    body = cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]
    cloudwatch.delete_dashboards(DashboardNames=[name])
    try:
        yield
    finally:
        cloudwatch.put_dashboard(DashboardName=name, DashboardBody=body)


@contextmanager
def undelivered_file(there: Examined) -> Iterator[None]:
    which = {"Bucket": there.bucket, "Key": "errors/clicks/processing-failed/x"}
    there.client("s3").put_object(**which, Body=b"{}")
    try:
        yield
    finally:
        there.client("s3").delete_object(**which)


@contextmanager
def line_in_error_log(there: Examined) -> Iterator[None]:
    logs, stream = there.client("logs"), "doctor"
    (group,) = [
        name
        for name in Patient(there).physical_ids("Streaming", "AWS::Logs::LogGroup")
        if "DeliveryErrors" in name
    ]
    where = {"logGroupName": group, "logStreamName": stream}
    line = json.dumps({"errorCode": "S3.AccessDenied", "errorMessage": "Access was denied."})
    logs.create_log_stream(**where)
    logs.put_log_events(
        **where, logEvents=[{"timestamp": int(datetime.now(UTC).timestamp() * 1000), "message": line}]
    )
    try:
        yield
    finally:
        logs.delete_log_stream(**where)


@contextmanager
def no_bootstrap(there: Examined) -> Iterator[None]:
    ssm, name = there.client("ssm"), "/cdk-bootstrap/hnb659fds/version"
    value = ssm.get_parameter(Name=name)["Parameter"]["Value"]
    ssm.delete_parameter(Name=name)
    try:
        yield
    finally:
        ssm.put_parameter(Name=name, Value=value, Type="String")


def half_deleted(there: Examined) -> Fault:
    def change(answer: Any) -> Any:
        for stack in answer["Stacks"]:
            if stack["StackName"].endswith("-Ops"):
                stack["StackStatus"] = "DELETE_FAILED"
        return answer

    return aws(there, "cloudformation", "describe_stacks", change)


FAULTS: Faults = {
    "credentials of another account": ("aws-account", lambda it: configured(it, account="111122223333")),
    "clock ten minutes off": (
        "clock",
        lambda it: patch(
            "cli.doctor.checks.aws_account.now", lambda: datetime.now(UTC) + timedelta(minutes=10)
        ),
    ),
    "no CDK bootstrap": ("cdk-bootstrap", no_bootstrap),
    "ten concurrent functions": ("lambda-concurrency", ten_functions),
    "half-deleted stack": ("stacks", half_deleted),
    "inactive access key": ("lake-reader", inactive_key),
    "role's policy detached": ("lake-reader", detached_policy),
    "stage with an old key": ("stage", another_key),
    "deleted stream": ("delivery-stream", lambda it: refusing(it, "firehose", "describe_delivery_stream")),
    "Firehose may not write": ("delivery-log", line_in_error_log),
    "undelivered event": ("undelivered", undelivered_file),
    "two events in a line": (
        "lake-object",
        lambda it: patch("cli.doctor.checks.delivery._lines", lambda start: [b'{"a": 1}{"a": 2}']),
    ),
    "notifications overwritten": ("notifications", overwritten_notifications),
    "unconfirmed subscription": ("recipients", unconfirmed),
    "alarm actions off": ("alarm-actions", silenced_alarm),
    "deleted dashboard": ("dashboard", deleted_dashboard),
    "silent monitor": (
        "metrics",
        lambda it: aws(it, "cloudwatch", "get_metric_statistics", lambda answer: {"Datapoints": []}),
    ),
    "uncounted error prefix": (
        "error-prefix",
        lambda it: aws(it, "s3", "list_bucket_metrics_configurations", lambda answer: {}),
    ),
}
