"""Requests and templates that AWS refuses, and that MiniStack alone accepts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from laptop.testing.aws import ACCOUNT, CAPABILITIES, REGION, ROLE, Emulator, policy, unique

STREAM = {"Type": "AWS::Kinesis::Stream", "DeletionPolicy": "Retain"}
FUNCTION = {
    "Runtime": "python3.12",
    "Handler": "index.handler",
    "Role": ROLE,
    "Code": {"ZipFile": "def handler(event, context): pass"},
}


def failure(emulator: Emulator, resource: dict[str, Any], stack: str | None = None) -> str:
    """The reason for which a stack of this resource fails."""
    client, template = emulator.client("cloudformation"), json.dumps({"Resources": {"It": resource}})
    name = stack or unique("stack")
    change = client.update_stack if stack else client.create_stack
    change(StackName=name, TemplateBody=template, Capabilities=CAPABILITIES)
    assert emulator.settled(name)["StackStatus"] in ("ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
    events = client.describe_stack_events(StackName=name)["StackEvents"]
    reasons = [e["ResourceStatusReason"] for e in events if e["ResourceStatus"].endswith("_FAILED")]
    return str(reasons[-1])


def stream(name: str, **more: Any) -> dict[str, Any]:
    return {**STREAM, "Properties": {"Name": name, **more}}


def test_a_stack_does_not_take_over_what_has_the_name(emulator: Emulator) -> None:
    name = unique("kept")
    emulator.client("kinesis").create_stream(StreamName=name, ShardCount=1)
    assert "already exists" in failure(emulator, stream(name, ShardCount=1))


def test_a_change_set_that_imports_existing_resources_does(emulator: Emulator) -> None:
    name, stack = unique("kept"), unique("stack")
    kinesis = emulator.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.put_record(StreamName=name, PartitionKey="1", Data=b"kept")
    cloudformation = emulator.client("cloudformation")
    change = {"StackName": stack, "ChangeSetName": "import"}
    cloudformation.create_change_set(
        **change,
        ChangeSetType="CREATE",
        ImportExistingResources=True,
        TemplateBody=json.dumps({"Resources": {"It": stream(name, ShardCount=1)}}),
    )
    cloudformation.get_waiter("change_set_create_complete").wait(**change, WaiterConfig={"Delay": 1})
    cloudformation.execute_change_set(**change)
    assert emulator.status(stack) in ("CREATE_COMPLETE", "IMPORT_COMPLETE")
    assert emulator.physical_id(stack, "It") == name
    shard = {"StreamName": name, "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
    iterator = kinesis.get_shard_iterator(**shard)["ShardIterator"]
    assert [record["Data"] for record in kinesis.get_records(ShardIterator=iterator)["Records"]] == [b"kept"]


@pytest.mark.parametrize(
    ("kind", "properties", "reason"),
    [
        ("AWS::Lambda::Function", {**FUNCTION, "Timeout": 901}, "Timeout must be between"),
        (
            "AWS::Lambda::Function",
            {**FUNCTION, "Role": f"arn:aws:iam::{ACCOUNT}:role/none"},
            "cannot be assumed",
        ),
        (
            "AWS::Lambda::Function",
            {**FUNCTION, "Environment": {"Variables": {"A": "x" * 4096}}},
            "environment",
        ),
        ("AWS::S3::Bucket", {"BucketName": "a..b"}, "BucketName is not valid"),
    ],
)
def test_a_stack_stays_within_the_limits_of_its_services(
    emulator: Emulator, kind: str, properties: dict[str, Any], reason: str
) -> None:
    assert reason in failure(emulator, {"Type": kind, "Properties": properties})


def test_a_stack_at_most_doubles_the_shards_of_a_stream(emulator: Emulator) -> None:
    name = unique("stream")
    stack = emulator.deploy({"It": stream(name, ShardCount=2)})
    assert "over double" in failure(emulator, stream(name, ShardCount=5), stack)


def test_a_request_at_most_halves_the_shards_of_a_stream(emulator: Emulator) -> None:
    kinesis, name = emulator.client("kinesis"), unique("stream")
    kinesis.create_stream(StreamName=name, ShardCount=4)
    with pytest.raises(kinesis.exceptions.LimitExceededException, match="below half"):
        kinesis.update_shard_count(StreamName=name, TargetShardCount=1, ScalingType="UNIFORM_SCALING")
    kinesis.update_shard_count(StreamName=name, TargetShardCount=2, ScalingType="UNIFORM_SCALING")


def test_a_stream_on_demand_has_no_shards_to_set(emulator: Emulator) -> None:
    kinesis, name = emulator.client("kinesis"), unique("stream")
    kinesis.create_stream(StreamName=name, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    with pytest.raises(kinesis.exceptions.ClientError, match="On-Demand"):
        kinesis.update_shard_count(StreamName=name, TargetShardCount=1, ScalingType="UNIFORM_SCALING")


@pytest.mark.parametrize(("prefixes", "overlap"), [(("a/", "a/b/"), True), (("a/", "b/"), False)])
def test_overlapping_notifications_are_refused(
    emulator: Emulator, bucket: str, prefixes: tuple[str, str], overlap: bool
) -> None:
    sqs, s3 = emulator.client("sqs"), emulator.client("s3")
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{unique('channel')}"
    url = sqs.create_queue(QueueName=arn.rpartition(":")[2])["QueueUrl"]
    allow = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(allow)})
    queues = [
        {
            "QueueArn": arn,
            "Events": [event],
            "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}},
        }
        for prefix, event in zip(prefixes, ("s3:ObjectCreated:*", "s3:ObjectCreated:Put"), strict=True)
    ]
    wanted = {"Bucket": bucket, "NotificationConfiguration": {"QueueConfigurations": queues}}
    if overlap:
        with pytest.raises(s3.exceptions.ClientError, match="Configurations overlap"):
            s3.put_bucket_notification_configuration(**wanted)
    else:
        s3.put_bucket_notification_configuration(**wanted)


def test_a_user_has_two_access_keys_at_most(emulator: Emulator) -> None:
    iam, user = emulator.client("iam"), unique("user")
    iam.create_user(UserName=user)
    iam.create_access_key(UserName=user)
    iam.create_access_key(UserName=user)
    with pytest.raises(iam.exceptions.LimitExceededException):
        iam.create_access_key(UserName=user)


def test_a_hundred_executions_stay_unreserved(emulator: Emulator) -> None:
    functions = emulator.client("lambda")
    stack = emulator.deploy({"It": {"Type": "AWS::Lambda::Function", "Properties": FUNCTION}})
    name = emulator.physical_id(stack, "It")
    with pytest.raises(functions.exceptions.InvalidParameterValueException, match="Unreserved"):
        functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=901)
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=5)


def test_the_mode_of_a_stream_changes_twice_a_day(emulator: Emulator) -> None:
    name = unique("stream")
    modes = [{"StreamModeDetails": {"StreamMode": mode}} for mode in ("PROVISIONED", "ON_DEMAND")]
    stack = emulator.deploy({"It": stream(name, **modes[0])})
    emulator.deploy({"It": stream(name, **modes[1])}, stack)
    emulator.deploy({"It": stream(name, **modes[0])}, stack)
    assert "2 times in 24 hours" in failure(emulator, stream(name, **modes[1]), stack)


ANSWERING = """
import json, urllib.request
def handler(event, context):
    data = {"Text": "x" * int(event["ResourceProperties"].get("Size", 1))}
    body = {"Status": "SUCCESS", "PhysicalResourceId": "it", "Data": data}
    body |= {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    request = urllib.request.Request(event["ResponseURL"], json.dumps(body).encode(), method="PUT")
    urllib.request.urlopen(request)
"""


def answering(emulator: Emulator) -> str:
    """ARN of a function that serves a custom resource."""
    properties = {**FUNCTION, "Code": {"ZipFile": ANSWERING}}
    stack = emulator.deploy({"It": {"Type": "AWS::Lambda::Function", "Properties": properties}})
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{emulator.physical_id(stack, 'It')}"


def test_a_custom_resource_keeps_its_service_token_and_answers_briefly(emulator: Emulator) -> None:
    one, other = answering(emulator), answering(emulator)
    made = {"Type": "Custom::It", "Properties": {"ServiceToken": one}}
    stack = emulator.deploy({"It": made})
    moved = {"Type": "Custom::It", "Properties": {"ServiceToken": other}}
    assert "Modifying service token is not allowed" in failure(emulator, moved, stack)
    long = {"Type": "Custom::It", "Properties": {"ServiceToken": one, "Size": "4096"}}
    assert "Response object is too long" in failure(emulator, long)
