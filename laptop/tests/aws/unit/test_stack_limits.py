"""Limits of a template's properties: the last value that AWS accepts, and the first that it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from laptop.aws.stack_limits.properties import check, check_change

Properties = dict[str, Any]
ALARM = {"EvaluationPeriods": 1, "Period": 60}
ROLE: Properties = {"AssumeRolePolicyDocument": {"Statement": []}}
DASHBOARD = {"DashboardBody": json.dumps({"widgets": []})}


def statement(**more: Any) -> Properties:
    return {"Statement": [{"Effect": "Allow", "Action": "kms:*", **more}]}


def lifecycle(days: int, expiration: int) -> Properties:
    transition = {"TransitionInDays": days, "StorageClass": "STANDARD_IA"}
    rule = {"Status": "Enabled", "Transitions": [transition], "ExpirationInDays": expiration}
    return {"LifecycleConfiguration": {"Rules": [rule]}}


def widgets(number: int) -> Properties:
    return {"DashboardBody": json.dumps({"widgets": [{}] * number})}


LIMITS: list[tuple[str, Properties, Properties]] = [
    ("CloudWatch::Alarm", ALARM | {"AlarmName": "a" * 255}, ALARM | {"AlarmName": "a" * 256}),
    ("CloudWatch::Alarm", ALARM | {"AlarmDescription": "a" * 1024}, ALARM | {"AlarmDescription": "a" * 1025}),
    ("CloudWatch::Alarm", ALARM | {"OKActions": ["a"] * 5}, ALARM | {"OKActions": ["a"] * 6}),
    ("CloudWatch::Alarm", ALARM | {"EvaluationPeriods": 1440}, ALARM | {"EvaluationPeriods": 1441}),
    (
        "CloudWatch::Alarm",
        {"Period": 3600, "EvaluationPeriods": 168},
        {"Period": 3600, "EvaluationPeriods": 169},
    ),
    ("CloudWatch::CompositeAlarm", {"AlarmRule": "a" * 10_240}, {"AlarmRule": "a" * 10_241}),
    ("CloudWatch::Dashboard", widgets(500), widgets(501)),
    (
        "CloudWatch::Dashboard",
        DASHBOARD | {"DashboardName": "a" * 255},
        DASHBOARD | {"DashboardName": "a" * 256},
    ),
    ("Events::Rule", {"Name": "a" * 64}, {"Name": "a" * 65}),
    ("Events::Rule", {"Targets": [{}] * 5}, {"Targets": [{}] * 6}),
    ("Events::Rule", {"ScheduleExpression": "rate(1 minute)"}, {"ScheduleExpression": "rate(1 minutes)"}),
    ("Events::Rule", {"ScheduleExpression": "rate(10 hours)"}, {"ScheduleExpression": "rate(30 seconds)"}),
    ("IAM::Group", {"ManagedPolicyArns": ["a"] * 10}, {"ManagedPolicyArns": ["a"] * 11}),
    ("IAM::ManagedPolicy", {"PolicyDocument": "a" * 6_142}, {"PolicyDocument": "a" * 6_143}),
    ("IAM::Policy", {"PolicyDocument": "a" * 10_238}, {"PolicyDocument": "a" * 10_239}),
    ("IAM::Role", ROLE | {"RoleName": "a" * 64}, ROLE | {"RoleName": "a" * 65}),
    ("IAM::User", {"UserName": "a" * 64}, {"UserName": "a" * 65}),
    ("Kinesis::Stream", {"Name": "a" * 128}, {"Name": "a" * 129}),
    ("Kinesis::Stream", {"RetentionPeriodHours": "24"}, {"RetentionPeriodHours": "23"}),
    ("KinesisFirehose::DeliveryStream", {"DeliveryStreamName": "a" * 64}, {"DeliveryStreamName": "a" * 65}),
    ("KMS::Key", {"KeyPolicy": statement()}, {"KeyPolicy": statement(Action="kms:Decrypt")}),
    ("Logs::LogGroup", {"RetentionInDays": 7}, {"RetentionInDays": 8}),
    ("S3::Bucket", {"BucketName": "a.b-c"}, {"BucketName": "a..b"}),
    ("S3::Bucket", {"BucketName": "a" * 63}, {"BucketName": "a" * 64}),
    (
        "S3::Bucket",
        {"MetricsConfigurations": [{"Id": "a" * 64}]},
        {"MetricsConfigurations": [{"Id": "a" * 65}]},
    ),
    ("S3::Bucket", lifecycle(30, 31), lifecycle(29, 31)),
    ("S3::Bucket", lifecycle(30, 31), lifecycle(30, 30)),
    ("S3::BucketPolicy", {"PolicyDocument": "a" * 20_478}, {"PolicyDocument": "a" * 20_479}),
    ("SecretsManager::Secret", {"Name": "a" * 512}, {"Name": "a" * 513}),
    (
        "SNS::Subscription",
        {"Protocol": "email", "Endpoint": "a@b"},
        {"Protocol": "https", "Endpoint": "http://a"},
    ),
    ("SNS::Topic", {"TopicName": "a" * 256}, {"TopicName": "a" * 257}),
    ("SNS::TopicPolicy", {"PolicyDocument": "a" * 30_718}, {"PolicyDocument": "a" * 30_719}),
]


@pytest.mark.parametrize(
    ("kind", "within", "beyond"), LIMITS, ids=[f"{kind} {sorted(beyond)[-1]}" for kind, _, beyond in LIMITS]
)
def test_the_limit_itself_is_accepted_and_what_is_beyond_refused(
    kind: str, within: Properties, beyond: Properties
) -> None:
    check(f"AWS::{kind}", within)
    with pytest.raises(ValueError):  # noqa: PT011 - each limit has its own text
        check(f"AWS::{kind}", beyond)


def test_a_role_can_trust_only_users_and_roles_that_exist() -> None:
    missing = ROLE | {
        "AssumeRolePolicyDocument": statement(Principal={"AWS": "arn:aws:iam::000000000000:role/none"})
    }
    with pytest.raises(ValueError, match="Invalid principal"):
        check("AWS::IAM::Role", missing)
    elsewhere = statement(Principal={"AWS": ["arn:aws:iam::123456789012:user/snowflake"]})
    check("AWS::IAM::Role", ROLE | {"AssumeRolePolicyDocument": elsewhere})


@pytest.mark.parametrize(("old", "new", "fits"), [(4, 8, True), (4, 9, False), (4, 2, True), (4, 1, False)])
def test_shards_are_at_most_doubled_or_halved(old: int, new: int, fits: bool) -> None:
    try:
        check_change("AWS::Kinesis::Stream", {"ShardCount": old}, {"ShardCount": str(new)})
    except ValueError:
        assert not fits
    else:
        assert fits
