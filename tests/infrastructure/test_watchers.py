"""Monitor and canary: their permissions, variables and schedules."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.infrastructure.synthesis import Pipeline
from tests.infrastructure.variants import VARIANTS

Variant = Callable[[str], Pipeline]
MONITOR, CANARY = "pipeline_monitor.handler.on_schedule", "pipeline_monitor.canary.on_schedule"


def function(pipeline: Pipeline, handler: str) -> tuple[str, dict[str, Any]]:
    """Logical id and properties of the function with that handler."""
    (found,) = (
        (logical_id, resource["Properties"])
        for logical_id, resource in pipeline.resources("Ops", "AWS::Lambda::Function").items()
        if resource["Properties"]["Handler"] == handler
    )
    return found


def statements(pipeline: Pipeline, handler: str) -> list[dict[str, Any]]:
    """The permissions of the function's role."""
    role = function(pipeline, handler)[1]["Role"]["Fn::GetAtt"][0]
    assert "ManagedPolicyArns" not in pipeline.resources("Ops", "AWS::IAM::Role")[role]["Properties"]
    return [
        statement
        for policy in pipeline.resources("Ops", "AWS::IAM::Policy").values()
        if {"Ref": role} in policy["Properties"]["Roles"]
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


def actions(pipeline: Pipeline, handler: str) -> set[str]:
    found: set[str] = set()
    for statement in statements(pipeline, handler):
        allowed = statement["Action"]
        found |= {allowed} if isinstance(allowed, str) else set(allowed)
    return found


def rules(pipeline: Pipeline, handler: str) -> list[tuple[str, Any]]:
    """The function's schedules and their input."""
    logical_id, _ = function(pipeline, handler)
    found = []
    for rule in pipeline.resources("Ops", "AWS::Events::Rule").values():
        (target,) = rule["Properties"]["Targets"]
        if target["Arn"] == {"Fn::GetAtt": [logical_id, "Arn"]}:
            assert target["RetryPolicy"]["MaximumRetryAttempts"] == 0
            event = json.loads(target["Input"]) if "Input" in target else None
            found.append((rule["Properties"]["ScheduleExpression"], event))
    return sorted(found, key=str)


def test_monitor_reads_the_status_each_minute_and_the_history_each_window(
    pipeline: Pipeline, variant: Variant
) -> None:
    assert rules(pipeline, MONITOR) == [
        ("rate(1 minute)", {"job": "status"}),
        ("rate(5 minutes)", {"job": "history"}),
    ]
    # EventBridge's shortest period is a minute.
    assert rules(variant("local"), MONITOR) == [
        ("rate(1 minute)", {"job": "history"}),
        ("rate(1 minute)", {"job": "status"}),
    ]


def test_canary_runs_each_minute_and_gets_the_scheduled_time(variant: Variant) -> None:
    assert rules(variant("dev"), CANARY) == [("rate(1 minute)", None)]


def test_a_failed_run_is_not_retried(pipeline: Pipeline) -> None:
    settings = pipeline.resources("Ops", "AWS::Lambda::EventInvokeConfig").values()
    assert [setting["Properties"]["MaximumRetryAttempts"] for setting in settings] == [0, 0]


def test_monitor_gets_its_login_and_its_pipes(variant: Variant) -> None:
    environment = dict(function(variant("two kinds of event"), MONITOR)[1]["Environment"]["Variables"])
    pipes, _bucket = json.loads(environment.pop("MONITOR_PIPES")), environment.pop("MONITOR_BUCKET")
    assert environment == {
        "SNOWFLAKE_ACCOUNT": "myorg-myaccount",
        "SNOWFLAKE_USER": "CLICKSTREAM_TEST_MONITOR",
        "SNOWFLAKE_ROLE": "CLICKSTREAM_TEST_MONITOR",
        "SNOWFLAKE_LOGIN": "workload_identity",
        "SNOWFLAKE_WAREHOUSE": "CLICKSTREAM_TEST",
        "MONITOR_DEPLOYMENT": "clickstream-test",
        "MONITOR_WINDOW_SECONDS": "300",
        "MONITOR_FILE_AGE_SECONDS": "900",
    }
    schema = {"Database": "CLICKSTREAM_TEST", "Schema": "RAW"}
    assert pipes == [
        {
            "events": "clicks",
            "pipe": {**schema, "Name": "CLICK_EVENTS_PIPE"},
            "table": {**schema, "Name": "CLICK_EVENTS"},
            "data_prefix": "events/",
        },
        {
            "events": "orders",
            "pipe": {**schema, "Name": "ORDER_EVENTS_PIPE"},
            "table": {**schema, "Name": "ORDER_EVENTS"},
            "data_prefix": "orders/",
        },
    ]


@pytest.mark.parametrize(
    ("name", "kind", "resource_type"),
    [
        ("two kinds of event", "kinesis", "AWS::Kinesis::Stream"),
        ("two kinds by direct put", "firehose", "AWS::KinesisFirehose::DeliveryStream"),
    ],
)
def test_canary_gets_every_stream(name: str, kind: str, resource_type: str, variant: Variant) -> None:
    pipeline = variant(name)
    parts = function(pipeline, CANARY)[1]["Environment"]["Variables"]["CANARY_TARGETS"]["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else "_" for part in parts)
    assert json.loads(text) == [
        {"events": events, "kind": kind, "name": "_"} for events in ("clicks", "orders")
    ]
    named = [part for part in parts if isinstance(part, dict)]
    assert [pipeline.type_referred("Ops", each) for each in named] == [resource_type] * 2
    assert len({json.dumps(each) for each in named}) == 2


def test_monitor_may_publish_its_metrics_and_write_its_log(pipeline: Pipeline) -> None:
    assert actions(pipeline, MONITOR) == {
        "cloudwatch:GetMetricData",
        "cloudwatch:PutMetricData",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:ListBucket",
    }
    (publish,) = (
        each for each in statements(pipeline, MONITOR) if each["Action"] == "cloudwatch:PutMetricData"
    )
    assert publish["Condition"] == {"StringEquals": {"cloudwatch:namespace": "Clickstream"}}


def test_monitor_lists_the_events_and_nothing_else_of_the_lake(variant: Variant) -> None:
    pipeline = variant("two kinds of event")
    (listing,) = (each for each in statements(pipeline, MONITOR) if each["Action"] == "s3:ListBucket")
    assert listing["Condition"] == {"StringLike": {"s3:prefix": ["events/*", "orders/*"]}}
    assert pipeline.type_referred("Ops", listing["Resource"]) == "AWS::S3::Bucket"
    environment = function(pipeline, MONITOR)[1]["Environment"]["Variables"]
    assert pipeline.type_referred("Ops", environment["MONITOR_BUCKET"]) == "AWS::S3::Bucket"


def test_monitor_reads_only_its_own_secret(variant: Variant) -> None:
    pipeline = variant("key pair")
    (secret,) = (
        each["Resource"]
        for each in statements(pipeline, MONITOR)
        if "secretsmanager:GetSecretValue" in each["Action"]
    )
    assert ":secret:monitor-" in json.dumps(secret)
    environment = function(pipeline, MONITOR)[1]["Environment"]["Variables"]
    assert ":secret:monitor" in json.dumps(environment["SNOWFLAKE_LOGIN_SECRET_ARN"])


@pytest.mark.parametrize(("stack", "secret"), [("Ops", "monitor"), ("Landing", "deploy")])
def test_a_login_secret_under_a_customer_key_can_be_read(
    stack: str, secret: str, synthesized: Callable[..., Pipeline]
) -> None:
    key = "arn:aws:kms:eu-central-1:111122223333:key/0a1b"
    login = {
        "account": "myorg-myaccount",
        "login": "key_pair",
        "login_secret_name": "deploy",
        "monitor_login_secret_name": "monitor",
        "login_secret_key_arn": key,
    }
    policies = synthesized(snowflake=login).resources(stack, "AWS::IAM::Policy").values()
    allowed = [one for each in policies for one in each["Properties"]["PolicyDocument"]["Statement"]]
    (decrypt,) = (one for one in allowed if one["Action"] == "kms:Decrypt" and one["Resource"] == key)
    assert decrypt["Condition"] == {
        "StringEquals": {"kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com"}
    }
    (read,) = (
        one
        for one in allowed
        if "secretsmanager:GetSecretValue" in one["Action"] and f":secret:{secret}-" in str(one)
    )
    assert read["Effect"] == "Allow"


@pytest.mark.parametrize(
    ("name", "puts"),
    [
        ("dev", {"kinesis:PutRecord", "kinesis:PutRecords"}),
        ("customer keys", {"kinesis:PutRecord", "kinesis:PutRecords", "kms:GenerateDataKey"}),
        ("direct put", {"firehose:PutRecord", "firehose:PutRecordBatch"}),
    ],
)
def test_canary_may_only_put_records(name: str, puts: set[str], variant: Variant) -> None:
    pipeline = variant(name)
    assert actions(pipeline, CANARY) == puts | {"logs:CreateLogStream", "logs:PutLogEvents"}
    for statement in statements(pipeline, CANARY):
        resources = statement["Resource"]
        for resource in resources if isinstance(resources, list) else [resources]:
            assert pipeline.referred("Ops", resource)


@pytest.mark.parametrize("name", VARIANTS)
def test_roles_have_the_names_that_logins_refer_to(name: str, variant: Variant) -> None:
    roles = variant(name).resources("Ops", "AWS::IAM::Role").values()
    prefix, watched = VARIANTS[name].prefix, VARIANTS[name].monitor.enabled
    assert {role["Properties"].get("RoleName") for role in roles} == (
        {f"{prefix}-pipeline-monitor", f"{prefix}-canary"} if watched else set()
    )


def test_all_functions_share_one_bundle(pipeline: Pipeline) -> None:
    landing = [
        each["Properties"]["Code"]
        for each in pipeline.resources("Landing", "AWS::Lambda::Function").values()
        if each["Properties"]["Handler"] == "snowflake_setup.handler.on_event"
    ]
    assert landing == [function(pipeline, handler)[1]["Code"] for handler in (MONITOR,)]
    assert function(pipeline, CANARY)[1]["Code"] == landing[0]


def test_logs_of_the_functions_expire(pipeline: Pipeline) -> None:
    groups = pipeline.resources("Ops", "AWS::Logs::LogGroup").values()
    assert [group["Properties"]["RetentionInDays"] for group in groups] == [30, 30]
