"""Faults of AWS that a test requests of the emulator."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from control import Control
from measured import Metrics, delivery_stream
from notified import Receiver, announce
from transforming import TransformedStream, function, processor

from laptop.testing.aws import Emulator, unique
from laptop.testing.waiting import eventually

KEYS = [f"events/dt=1/{number}" for number in range(4)]


def put_all(emulator: Emulator, bucket: str, *keys: str) -> None:
    for key in keys:
        emulator.client("s3").put_object(Bucket=bucket, Key=key, Body=b"")


@pytest.fixture
def queue(emulator: Emulator, bucket: str) -> Receiver:
    """A queue that is notified of the bucket's events."""
    found = Receiver(emulator)
    announce(emulator, bucket, found.arn, "events/")

    def is_notified() -> bool:
        put_all(emulator, bucket, "events/first")
        return bool(found.announced())

    eventually(is_notified)
    return found


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        pytest.param({"kind": "notification_lost"}, KEYS[1:], id="lost"),
        pytest.param({"kind": "notification_lost", "times": 2}, KEYS[2:], id="lost-twice"),
        pytest.param({"kind": "notification_lost", "match": "/3", "times": None}, KEYS[:3], id="lost-always"),
        pytest.param({"kind": "notification_doubled", "seconds": 0}, sorted([KEYS[0], *KEYS]), id="doubled"),
    ],
)
def test_s3_notifications_suffer(
    emulator: Emulator,
    bucket: str,
    queue: Receiver,
    faults: Control,
    fault: dict[str, Any],
    expected: list[str],
) -> None:
    faults("POST", [{"match": "events/dt=", **fault}])
    put_all(emulator, bucket, *KEYS, "events/last")
    eventually(lambda: "events/last" in queue.announced())
    eventually(lambda: [key for key in queue.announced() if key in KEYS] == expected)


def test_a_late_notification_is_overtaken_and_ends_with_the_faults(
    emulator: Emulator, bucket: str, queue: Receiver, faults: Control
) -> None:
    faults("POST", [{"kind": "notification_late", "match": "events/late", "seconds": 600}])
    put_all(emulator, bucket, "events/late", "events/soon")
    eventually(lambda: "events/soon" in queue.announced())
    assert "events/late" not in queue.announced()
    faults("DELETE")
    eventually(lambda: "events/late" in queue.announced())


RECORDS = [{"Data": str(number).encode(), "PartitionKey": str(number)} for number in range(40)]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("record_failed", "InternalFailure"),
        ("record_throttled", "ProvisionedThroughputExceededException"),
    ],
)
def test_kinesis_refuses_some_records_of_a_put(
    emulator: Emulator, faults: Control, kind: str, code: str
) -> None:
    name, client = unique("clicks"), emulator.client("kinesis")
    client.create_stream(StreamName=name, ShardCount=1)
    faults("POST", [{"kind": kind, "match": name, "times": None, "probability": 0.3, "seed": 1}])
    answer = client.put_records(StreamName=name, Records=RECORDS)
    codes = [record.get("ErrorCode") for record in answer["Records"]]
    assert 0 < codes.count(code) == answer["FailedRecordCount"] < len(RECORDS)
    assert set(codes) == {None, code}
    metrics = Metrics(emulator, "AWS/Kinesis", StreamName=name)
    assert metrics("Sum", "IncomingRecords") == codes.count(None)

    faults("DELETE")
    faults("POST", [{"kind": kind, "match": name, "times": None, "probability": 0.3, "seed": 1}])
    repeated = client.put_records(StreamName=name, Records=RECORDS)
    assert [record.get("ErrorCode") for record in repeated["Records"]] == codes


@pytest.mark.parametrize(
    ("kind", "code"),
    [("record_failed", "InternalFailure"), ("record_throttled", "ServiceUnavailableException")],
)
def test_firehose_refuses_some_records_of_a_put(
    emulator: Emulator, faults: Control, bucket: str, kind: str, code: str
) -> None:
    name, client = delivery_stream(emulator, bucket), emulator.client("firehose")
    faults("POST", [{"kind": kind, "match": name, "times": 2}])
    batch = [{"Data": b"a"}, {"Data": b"b"}, {"Data": b"c"}]
    answer = client.put_record_batch(DeliveryStreamName=name, Records=batch)
    assert [one.get("ErrorCode") for one in answer["RequestResponses"]] == [code, code, None]
    assert answer["FailedPutCount"] == 2
    assert list(eventually(lambda: emulator.objects(bucket)).values()) == [b"c"]
    faults("POST", [{"kind": kind, "match": name, "times": 2}])  # boto3 retries once
    with pytest.raises(ClientError, match=code):
        client.put_record(DeliveryStreamName=name, Record={"Data": b"d"})


@pytest.mark.parametrize(("kind", "is_executed"), [("cut", False), ("lost_answer", True)])
def test_a_connection_is_cut(
    emulator: Emulator, faults: Control, bucket: str, kind: str, is_executed: bool
) -> None:
    client = emulator.client("s3")
    faults("POST", [{"kind": kind, "match": f"s3 PUT /{bucket}/", "times": 2}])  # boto3 retries once
    with pytest.raises(ConnectionClosedError):
        client.put_object(Bucket=bucket, Key="a", Body=b"a")
    assert emulator.objects(bucket) == ({"a": b"a"} if is_executed else {})
    client.put_object(Bucket=bucket, Key="b", Body=b"b")
    assert faults("GET") == []


@pytest.mark.parametrize(
    ("service", "call", "match"),
    [
        ("s3", "list_buckets", "s3 GET /"),
        ("kinesis", "list_streams", "kinesis ListStreams"),
        ("firehose", "list_delivery_streams", "firehose"),
    ],
)
def test_a_service_is_unavailable(
    emulator: Emulator, faults: Control, service: str, call: str, match: str
) -> None:
    request = getattr(emulator.client(service), call)
    faults("POST", [{"kind": "http_503", "match": match, "times": 2}])
    with pytest.raises(ClientError) as caught:
        request()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    request()


def test_a_function_that_firehose_invokes_fails_or_times_out(emulator: Emulator, faults: Control) -> None:
    arn = function(emulator)
    name = arn.rpartition(":")[2]
    stream = TransformedStream(emulator, processor(arn, NumberOfRetries=1))
    faults("POST", [{"kind": "function_fails", "match": name}])
    stream.put(b"first")
    assert eventually(stream.failed)[0]["errorCode"] == "Lambda.FunctionError"
    faults("POST", [{"kind": "function_times_out", "match": name}])
    stream.put(b"second")
    assert eventually(stream.delivered) == b"SECOND"  # with the one retry
    metrics = Metrics(emulator, "AWS/Lambda", FunctionName=name)
    assert (metrics("Sum", "Invocations"), metrics("Sum", "Errors")) == (3, 2)


def test_an_invoked_function_runs_before_it_times_out(
    emulator: Emulator, faults: Control, bucket: str
) -> None:
    body = f"""
    import boto3
    boto3.client("s3").put_object(Bucket="{bucket}", Key="done")
    return {{}}
"""
    name = function(emulator, body).rpartition(":")[2]
    invoke = emulator.client("lambda").invoke
    for kind, error, done in (
        ("function_fails", "Runtime.HandlerError", False),
        ("function_times_out", "Sandbox.Timedout", True),
    ):
        faults("POST", [{"kind": kind, "match": name}])
        answer = invoke(FunctionName=name, Payload=json.dumps({"records": []}))
        assert answer["FunctionError"] == "Unhandled"
        assert json.load(answer["Payload"])["errorType"] == error
        assert bool(emulator.objects(bucket)) == done


@pytest.mark.parametrize("fault", [{"kind": "flood"}, {"kind": "cut", "probability": 2}, {}])
def test_invalid_faults_are_refused(faults: Control, fault: dict[str, Any]) -> None:
    with pytest.raises(HTTPError, match="400"):
        faults("POST", [fault])
    assert faults("GET") == []
