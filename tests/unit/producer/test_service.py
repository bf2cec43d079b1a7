"""AWS's answers, read as accepted, transient error, or permanent error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from producer import Target, TargetError
from producer.service import FirehoseService, KinesisService, Refusal, Service, connected

URL = "http://127.0.0.1:9"


class Client:
    """Replaces a boto3 client; returns, or raises, the given answer."""

    def __init__(self, outcome: dict[str, Any] | Exception) -> None:
        self._outcome = outcome
        self.request: dict[str, Any] = {}

    def put_records(self, **request: Any) -> dict[str, Any]:
        self.request = request
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    put_record_batch = put_records


def target(kind: str) -> Target:
    return Target(kind="kinesis" if kind == "kinesis" else "firehose", name="clicks", region="eu-west-1")


def service(kind: str, client: Any) -> Service:
    return (KinesisService if kind == "kinesis" else FirehoseService)(target(kind), client)


def client_error(code: str, status: int) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "because"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "Put",
    )


both = pytest.mark.parametrize("kind", ["kinesis", "firehose"])


def test_kinesis_partition_keys_are_new_for_every_record_and_attempt() -> None:
    client = Client({"Records": [{}] * 300})
    kinesis = service("kinesis", client)
    keys: list[str] = []
    for _ in range(2):
        kinesis.put([b"x"] * 300)
        keys += [entry["PartitionKey"] for entry in client.request["Records"]]
    assert client.request["StreamName"] == "clicks"
    assert len(set(keys)) == 600
    assert {len(key) for key in keys} == {32}


def test_firehose_records_are_sent_unchanged() -> None:
    client = Client({"RequestResponses": [{"RecordId": "1"}]})
    assert service("firehose", client).put([b"a\nb"]) == [None]
    assert client.request == {"DeliveryStreamName": "clicks", "Records": [{"Data": b"a\nb"}]}


@both
def test_each_record_has_its_own_answer(kind: str) -> None:
    answers = [
        {"ErrorCode": "Busy", "ErrorMessage": "later"},
        {"RecordId": "1", "SequenceNumber": "1"},
        {"ErrorCode": "Odd"},
    ]
    got = service(kind, Client({"Records": answers, "RequestResponses": answers})).put([b"a", b"b", b"c"])
    assert got == [Refusal("Busy", "later"), None, Refusal("Odd", "")]


@both
@pytest.mark.parametrize(
    "error",
    [
        client_error("ThrottlingException", 400),
        client_error("ProvisionedThroughputExceededException", 400),
        client_error("LimitExceededException", 400),
        client_error("KMSThrottlingException", 400),
        client_error("ServiceUnavailableException", 503),
        client_error("InternalFailure", 500),
        client_error("Whatever", 502),
        client_error("Whatever", 429),
        EndpointConnectionError(endpoint_url=URL),
        ConnectionClosedError(endpoint_url=URL),
        ReadTimeoutError(endpoint_url=URL),
    ],
)
def test_a_transient_error_marks_every_record_for_retry(kind: str, error: Exception) -> None:
    got = service(kind, Client(error)).put([b"a", b"b"])
    assert len(got) == 2
    assert all(isinstance(refusal, Refusal) and refusal.code and refusal.message for refusal in got)


@both
@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (
            client_error("ResourceNotFoundException", 400),
            "check the name, the region and that the stack is deployed",
        ),
        (client_error("AccessDeniedException", 400), "check that the credentials in use may"),
        (client_error("ExpiredTokenException", 400), "log in to AWS again"),
        (client_error("UnrecognizedClientException", 400), "belong to this account and region"),
        (client_error("InvalidArgumentException", 400), "check the stream's state and settings"),
        (NoCredentialsError(), "Unable to locate credentials; check the AWS configuration in use"),
    ],
)
def test_a_permanent_error_names_stream_region_and_advice(kind: str, error: Exception, advice: str) -> None:
    with pytest.raises(TargetError) as caught:
        service(kind, Client(error)).put([b"a"])
    noun = {"kinesis": "Kinesis stream", "firehose": "Firehose delivery stream"}[kind]
    assert f"{noun} 'clicks' (eu-west-1)" in str(caught.value)
    assert advice in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "action"), [("kinesis", "kinesis:PutRecords"), ("firehose", "firehose:PutRecordBatch")]
)
def test_a_missing_permission_is_named(kind: str, action: str) -> None:
    with pytest.raises(TargetError, match=action):
        service(kind, Client(client_error("AccessDeniedException", 400))).put([b"a"])


def test_an_unexpected_error_is_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        service("kinesis", Client(ZeroDivisionError())).put([b"a"])


def test_an_invalid_endpoint_is_reported_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "not a url")
    with (
        pytest.raises(TargetError, match="cannot reach Firehose delivery stream 'clicks'"),
        connected(Target(kind="firehose", name="clicks", region="eu-west-1")),
    ):
        pass


def test_a_target_shows_its_region() -> None:
    stream = Target(kind="kinesis", name="clicks", region="eu-west-1")
    assert str(stream) == "Kinesis stream 'clicks' (eu-west-1)"


def test_an_unknown_kind() -> None:
    wrong: Callable[..., Target] = Target
    with pytest.raises(ValueError, match="must be one of kinesis, firehose, got 'sqs'"):
        wrong(kind="sqs", name="q", region="eu-west-1")
