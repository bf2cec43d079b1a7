"""Firehose in the running emulator: a function that fails, or that may not be invoked."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest
from measured import Metrics
from transforming import BY_TEXT, LAMBDA, TransformedStream, function, processor

from laptop.testing.aws import Emulator, unique
from laptop.testing.waiting import eventually

FIREHOSE = "firehose.amazonaws.com"
# Each attempt leaves an object named by its invocation.
COUNTED = """
    import boto3, uuid
    boto3.client("s3").put_object(Bucket="{bucket}", Key=event["invocationId"] + "/" + uuid.uuid4().hex)
"""
TIMES_OUT = "    time.sleep(60)"


def counted(emulator: Emulator, body: str) -> tuple[str, str]:
    """A function's body that counts its invocations in a bucket, and the bucket."""
    bucket = emulator.create_bucket()
    return COUNTED.format(bucket=bucket) + body, bucket


def alone(arn: str, retries: int = 3) -> dict[str, Any]:
    return processor(arn, NumberOfRetries=retries)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("    raise RuntimeError('no')", id="exception"),
        pytest.param("    os._exit(137)", id="out of memory"),
        pytest.param("    return {1, 2}", id="answer that is not JSON"),
        pytest.param(
            "    return {'records': [answer(r, 'Ok', 'x' * 5_000_000) for r in records]}",
            id="answer over 6 MB",
        ),
    ],
)
def test_a_function_that_fails_is_not_invoked_again(emulator: Emulator, body: str) -> None:
    body, invocations = counted(emulator, body)
    stream = TransformedStream(emulator, alone(function(emulator, body)))
    metrics = Metrics(emulator, "AWS/Firehose", DeliveryStreamName=stream.name)
    stream.put(b"a", b"b")
    documents = eventually(stream.failed)
    assert [document["errorCode"] for document in documents] == ["Lambda.FunctionError"] * 2
    assert [document["attemptsMade"] for document in documents] == [1, 1]
    assert stream.failed_data() == [b"a", b"b"]
    assert len(emulator.objects(invocations)) == 1
    assert metrics("Sum", "ExecuteProcessing.Success") == 0
    assert metrics("Sum", "SucceedProcessing.Records") == 0
    assert metrics("Sum", "DeliveryToS3.Records") is None


def test_a_function_that_times_out_is_invoked_again_with_the_same_request(emulator: Emulator) -> None:
    body, invocations = counted(emulator, TIMES_OUT)
    arn = function(emulator, body, Timeout=2)
    stream = TransformedStream(emulator, alone(arn, retries=1))
    before = round(time.time() * 1000)
    stream.put(b"a")
    after = round(time.time() * 1000)
    (document,) = eventually(stream.failed)
    assert before <= document.pop("arrivalTimestamp") <= after
    assert after + 4000 <= document.pop("attemptEndingTimestamp") <= time.time() * 1000
    assert "timed out" in document.pop("errorMessage")
    assert document == {
        "rawData": base64.b64encode(b"a").decode(),
        "errorCode": "Lambda.FunctionTimedOut",
        "attemptsMade": 2,
        "lambdaARN": arn,
    }
    keys = list(emulator.objects(invocations))
    assert len(keys) == 2
    assert len({key.split("/")[0] for key in keys}) == 1
    (logged,) = eventually(stream.logged)
    assert logged == {
        "deliveryStreamARN": stream.arn,
        "destination": f"arn:aws:s3:::{stream.bucket}",
        "deliveryStreamVersionId": 1,
        "message": logged["message"],
        "errorCode": "Lambda.FunctionTimedOut",
        "processor": arn,
    }


def test_a_throttled_batch_waits_until_the_function_may_run(emulator: Emulator) -> None:
    arn = function(emulator)
    emulator.client("lambda").put_function_concurrency(FunctionName=arn, ReservedConcurrentExecutions=0)
    stream = TransformedStream(emulator, alone(arn, retries=300))
    metrics = Metrics(emulator, "AWS/Firehose", DeliveryStreamName=stream.name)
    stream.put(b"a")
    eventually(lambda: metrics("Minimum", "ExecuteProcessing.Success") == 0)
    emulator.client("lambda").delete_function_concurrency(FunctionName=arn)
    assert eventually(stream.delivered) == b"A"
    assert metrics("Sum", "ExecuteProcessing.Success") == 1
    assert stream.failed() == []


@pytest.mark.parametrize(("chosen", "attempts"), [({}, 4), ({"NumberOfRetries": 0}, 1)])
def test_a_batch_that_stays_throttled_fails(
    emulator: Emulator, chosen: dict[str, Any], attempts: int
) -> None:
    arn = function(emulator)
    emulator.client("lambda").put_function_concurrency(FunctionName=arn, ReservedConcurrentExecutions=0)
    stream = TransformedStream(emulator, processor(arn, **chosen))
    stream.put(b"a")
    (document,) = eventually(stream.failed)
    assert (document["errorCode"], document["attemptsMade"]) == ("Lambda.InvokeLimitExceeded", attempts)


def test_a_missing_function(emulator: Emulator) -> None:
    arn = function(emulator).replace("transform", "missing")
    stream = TransformedStream(emulator, alone(arn))
    stream.put(b"a")
    (document,) = eventually(stream.failed)
    assert (document["errorCode"], document["attemptsMade"]) == ("Lambda.ResourceNotFound", 1)
    assert eventually(stream.logged)[0]["errorCode"] == "Lambda.ResourceNotFound"


@pytest.mark.parametrize("resources", [[], ["{arn}"], ["{arn}:*"]])
def test_a_role_without_the_right_to_invoke(emulator: Emulator, resources: list[str]) -> None:
    arn, name = function(emulator), unique("delivery")
    allowed = [resource.format(arn=arn) for resource in resources]
    others: dict[str, Any] = {"Action": ["s3:*", "logs:*"], "Resource": "*"}
    invoke: dict[str, Any] = {"Action": "lambda:InvokeFunction", "Resource": allowed}
    role = emulator.create_role(name, FIREHOSE, others, *([invoke] if allowed else []))
    stream = TransformedStream(emulator, alone(arn), role=role)
    stream.put(b"refused")
    (document,) = eventually(stream.failed)
    assert (document["errorCode"], document["attemptsMade"]) == ("Lambda.InvokeAccessDenied", 1)
    assert eventually(stream.logged)[0]["errorCode"] == "Lambda.InvokeAccessDenied"
    emulator.grant(name, others, {**invoke, "Resource": [arn, f"{arn}:*"]})
    stream.put(b"allowed")
    assert eventually(stream.delivered) == b"ALLOWED"


def test_the_processors_own_role_invokes(emulator: Emulator) -> None:
    arn = function(emulator)
    role = emulator.create_role(unique("invoker"), FIREHOSE, {"Action": "s3:*", "Resource": "*"})
    stream = TransformedStream(emulator, processor(arn, RoleArn=role))
    stream.put(b"a")
    assert eventually(stream.failed)[0]["errorCode"] == "Lambda.InvokeAccessDenied"


def test_a_role_that_does_not_trust_firehose_may_not_invoke(emulator: Emulator) -> None:
    role = emulator.create_role(unique("untrusting"), LAMBDA, {"Action": "*", "Resource": "*"})
    stream = TransformedStream(emulator, processor(function(emulator), RoleArn=role))
    stream.put(b"a")
    assert eventually(stream.failed)[0]["errorCode"] == "Lambda.AssumeRoleAccessDenied"


def test_failed_records_wait_until_they_can_be_written(emulator: Emulator) -> None:
    name = unique("delivery")
    arn = function(emulator)
    rights: list[dict[str, Any]] = [
        {"Action": ["logs:*", "lambda:*"], "Resource": "*"},
        {"Action": "s3:PutObject", "Resource": "arn:aws:s3:::*/events/*"},
    ]
    stream = TransformedStream(emulator, alone(arn), role=emulator.create_role(name, FIREHOSE, *rights))
    metrics = Metrics(emulator, "AWS/Firehose", DeliveryStreamName=stream.name)
    stream.put(b"a", b"ProcessingFailed")
    assert eventually(stream.delivered) == b"A"
    assert eventually(stream.logged)[0]["errorCode"] == "S3.AccessDenied"
    eventually(lambda: (metrics("Maximum", "DeliveryToS3.DataFreshness") or 0) > 2)
    emulator.grant(name, *rights, {"Action": "s3:PutObject", "Resource": "arn:aws:s3:::*/errors/*"})
    assert len(eventually(stream.failed)) == 1


def test_only_failed_batches_of_a_troubled_function_are_lost(emulator: Emulator) -> None:
    troubled = (
        "    if any(text(r).endswith('7') for r in records):\n        raise RuntimeError('seven')\n" + BY_TEXT
    )
    stream = TransformedStream(emulator, alone(function(emulator, troubled)))
    for number in range(20):
        stream.put(f"n{number};".encode(), f"m{number}".encode())
    expected = sorted(f"{letter}{number}" for letter in "MN" for number in range(20))

    def everything() -> list[str]:
        failed = [data.decode().upper().strip(";") for data in stream.failed_data()]
        delivered = stream.delivered().decode().replace("M", ";M").replace("N", ";N").split(";")
        return sorted([*failed, *filter(None, delivered)])

    eventually(lambda: everything() == expected)
    assert b"m7" in stream.failed_data()


def test_a_deleted_stream_drops_its_waiting_batch(emulator: Emulator) -> None:
    body, invocations = counted(emulator, BY_TEXT)
    stream = TransformedStream(emulator, processor(function(emulator, body), BufferIntervalInSeconds=1))
    stream.put(b"a")
    emulator.client("firehose").delete_delivery_stream(DeliveryStreamName=stream.name)
    eventually(lambda: f"Firehose {stream.name}: 1 records dropped" in emulator.log.read_text())
    assert emulator.objects(invocations) == {}
    assert emulator.objects(stream.bucket) == {}


def test_a_stream_deleted_between_retries_drops_its_batch(emulator: Emulator) -> None:
    arn = function(emulator)
    emulator.client("lambda").put_function_concurrency(FunctionName=arn, ReservedConcurrentExecutions=0)
    stream = TransformedStream(emulator, alone(arn, retries=300))
    metrics = Metrics(emulator, "AWS/Firehose", DeliveryStreamName=stream.name)
    stream.put(b"a")
    eventually(lambda: metrics("Minimum", "ExecuteProcessing.Success") == 0)
    emulator.client("firehose").delete_delivery_stream(DeliveryStreamName=stream.name)
    eventually(lambda: f"Firehose {stream.name}: 1 records dropped" in emulator.log.read_text())


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [({"BufferSizeInMBs": "3.1"}, "BufferSizeInMBs must be"), ({"LambdaArn": ""}, "must have the parameter")],
)
def test_settings_that_aws_refuses(emulator: Emulator, parameters: dict[str, Any], reason: str) -> None:
    invalid = emulator.client("firehose").exceptions.InvalidArgumentException
    with pytest.raises(invalid, match=reason):
        TransformedStream(emulator, processor("arn", **parameters))


def test_a_template_with_a_function(emulator: Emulator) -> None:
    arn, bucket, name = function(emulator), emulator.create_bucket(), unique("delivery")
    role = emulator.create_role(unique("any"), FIREHOSE, {"Action": "*", "Resource": "*"})

    def stream(size: str) -> dict[str, Any]:
        chosen = processor(arn, RoleArn=role, BufferSizeInMBs=size, NumberOfRetries=3)
        destination = {
            "BucketARN": f"arn:aws:s3:::{bucket}",
            "RoleARN": role,
            "BufferingHints": {"IntervalInSeconds": 0, "SizeInMBs": 1},
            "ProcessingConfiguration": {"Enabled": True, "Processors": [chosen]},
        }
        properties = {"DeliveryStreamName": name, "ExtendedS3DestinationConfiguration": destination}
        return {"Stream": {"Type": "AWS::KinesisFirehose::DeliveryStream", "Properties": properties}}

    stack = emulator.deploy(stream("0.2"))
    emulator.client("firehose").put_record(DeliveryStreamName=name, Record={"Data": b"a"})
    assert list(eventually(lambda: emulator.objects(bucket)).values()) == [b"A"]
    emulator.deploy(stream("4"), stack)
    assert emulator.status(stack) == "UPDATE_ROLLBACK_COMPLETE"
