"""Throttling in the running emulator, by AWS's quotas or those that are set."""

from __future__ import annotations

import time
from typing import Any
from urllib.error import HTTPError

import pytest
from botocore.exceptions import ClientError
from control import Control
from measured import Metrics, delivery_stream
from transforming import TransformedStream, function, held, processor

from laptop.testing.aws import Emulator, unique
from laptop.testing.waiting import eventually


@pytest.fixture
def stream(emulator: Emulator) -> str:
    name = unique("clicks")
    emulator.client("kinesis").create_stream(StreamName=name, ShardCount=2)
    return name


def wait_for_a_new_second() -> None:
    eventually(lambda: time.time() % 1 < 0.3)


def test_a_shard_takes_a_mebibyte_a_second_by_default(
    emulator: Emulator, limits: Control, stream: str
) -> None:
    assert limits("GET") == {"kinesis_shard": None, "firehose_direct_put": None, "lambda_account": None}
    wait_for_a_new_second()
    records = [{"Data": bytes(1_000_000), "PartitionKey": "one shard"} for _ in range(3)]
    answer = emulator.client("kinesis").put_records(StreamName=stream, Records=records)
    assert answer["FailedRecordCount"] == 2


def test_records_above_a_shards_limit_are_refused_one_by_one(
    emulator: Emulator, limits: Control, stream: str
) -> None:
    assert limits("PUT", {"kinesis_shard": {"records_per_second": 3}})["kinesis_shard"] == {
        "bytes_per_second": 1024 * 1024,
        "records_per_second": 3,
    }
    client, metrics = emulator.client("kinesis"), Metrics(emulator, "AWS/Kinesis", StreamName=stream)
    wait_for_a_new_second()
    records = [{"Data": str(number).encode(), "PartitionKey": str(number)} for number in range(20)]
    answer = client.put_records(StreamName=stream, Records=records)
    assert answer["FailedRecordCount"] == 14
    codes = [record.get("ErrorCode") for record in answer["Records"]]
    assert codes.count("ProvisionedThroughputExceededException") == 14
    refused = next(record for record in answer["Records"] if "ErrorCode" in record)
    assert f"in stream {stream}" in refused["ErrorMessage"]

    taken = {record["SequenceNumber"] for record in answer["Records"] if "SequenceNumber" in record}
    assert stored(emulator, stream) == {
        number: record["SequenceNumber"]
        for number, record in enumerate(answer["Records"])
        if record.get("SequenceNumber") in taken
    }
    assert metrics("Sum", "WriteProvisionedThroughputExceeded") == 14
    assert metrics("Sum", "PutRecords.ThrottledRecords") == 14
    assert metrics("Sum", "PutRecords.FailedRecords") == 0
    assert metrics("Sum", "IncomingRecords") == metrics("Sum", "PutRecords.SuccessfulRecords") == 6

    limits("DELETE")
    assert client.put_records(StreamName=stream, Records=records)["FailedRecordCount"] == 0


def stored(emulator: Emulator, stream: str) -> dict[int, str]:
    """The records in a stream and their sequence numbers."""
    client, found = emulator.client("kinesis"), {}
    for shard in client.list_shards(StreamName=stream)["Shards"]:
        iterator = client.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        for record in client.get_records(ShardIterator=iterator)["Records"]:
            found[int(record["Data"])] = record["SequenceNumber"]
    return found


def test_a_single_record_may_exceed_the_limit(emulator: Emulator, limits: Control, stream: str) -> None:
    limits("PUT", {"kinesis_shard": {"bytes_per_second": 10}})
    client = emulator.client("kinesis")
    with pytest.raises(client.exceptions.ProvisionedThroughputExceededException, match="Rate exceeded"):
        client.put_record(StreamName=stream, Data=b"0123456789", PartitionKey="a")
    metrics = Metrics(emulator, "AWS/Kinesis", StreamName=stream)
    assert metrics("Maximum", "PutRecord.Success") == 0
    assert (metrics("Sum", "WriteProvisionedThroughputExceeded") or 0) >= 1


def test_direct_puts_are_throttled(emulator: Emulator, limits: Control, bucket: str) -> None:
    name, client = delivery_stream(emulator, bucket), emulator.client("firehose")
    metrics = Metrics(emulator, "AWS/Firehose", DeliveryStreamName=name)
    limits("PUT", {"firehose_direct_put": {"records_per_second": 2, "bytes_per_second": 100}})
    wait_for_a_new_second()
    answer = client.put_record_batch(
        DeliveryStreamName=name,
        Records=[{"Data": b"a"}, {"Data": bytes(200)}, {"Data": b"b"}, {"Data": b"c"}],
    )
    codes = [one.get("ErrorCode") for one in answer["RequestResponses"]]
    assert codes == [None, "ServiceUnavailableException", None, "ServiceUnavailableException"]
    assert answer["FailedPutCount"] == 2
    assert metrics("Sum", "ThrottledRecords") == 2
    assert metrics("Sum", "IncomingRecords") == 2
    assert list(eventually(lambda: emulator.objects(bucket)).values()) == [b"ab"]
    eventually(lambda: metrics("Minimum", "RecordsPerSecondLimit") == 2)


def test_too_many_direct_puts_get_service_unavailable(
    emulator: Emulator, limits: Control, bucket: str
) -> None:
    name, client = delivery_stream(emulator, bucket), emulator.client("firehose")
    limits("PUT", {"firehose_direct_put": {"puts_per_second": 0}})
    with pytest.raises(ClientError, match="ServiceUnavailableException"):
        client.put_record(DeliveryStreamName=name, Record={"Data": b"a"})
    metrics = Metrics(emulator, "AWS/Firehose", DeliveryStreamName=name)
    assert (metrics("Sum", "ThrottledRecords") or 0) >= 1
    assert metrics("Sum", "IncomingPutRequests") is None


@pytest.mark.parametrize("document", [{"kinesis": {}}, {"kinesis_shard": {"records_per_second": -1}}, []])
def test_invalid_limits_are_refused_and_change_nothing(limits: Control, document: Any) -> None:
    before = limits("PUT", {"kinesis_shard": {}})
    with pytest.raises(HTTPError, match="400"):
        limits("PUT", document)
    assert limits("GET") == before


def test_an_account_tells_its_limit_of_functions(emulator: Emulator, limits: Control) -> None:
    def told() -> int:
        settings = emulator.client("lambda").get_account_settings()
        return int(settings["AccountLimit"]["ConcurrentExecutions"])

    before = told()
    limits("PUT", {"lambda_account": {"concurrent_executions": 10}})
    assert told() == 10
    limits("DELETE")
    assert told() == before > 10


def test_functions_above_the_accounts_limit_are_throttled(emulator: Emulator, limits: Control) -> None:
    bucket = emulator.create_bucket()
    first = TransformedStream(emulator, processor(function(emulator, held(bucket))))
    second = TransformedStream(emulator, processor(function(emulator), NumberOfRetries=0))
    first.put(b"first")
    eventually(lambda: emulator.objects(bucket))
    # Only now: a function of another test, still running, would have kept the first from the only place.
    limits("PUT", {"lambda_account": {"concurrent_executions": 1}})
    second.put(b"second")
    assert eventually(second.failed)[0]["errorCode"] == "Lambda.InvokeLimitExceeded"
    emulator.client("s3").put_object(Bucket=bucket, Key="end")
    assert eventually(first.delivered) == b"FIRST"
    limits("DELETE")
    second.put(b"again")
    assert eventually(second.delivered) == b"AGAIN"
