"""Puts that AWS refuses are refused with AWS's error codes."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from laptop.testing.aws import ROLE, Emulator, unique


@pytest.fixture
def delivery_stream(emulator: Emulator, bucket: str) -> str:
    name = unique("limits")
    destination = {"BucketARN": f"arn:aws:s3:::{bucket}", "RoleARN": ROLE}
    emulator.client("firehose").create_delivery_stream(
        DeliveryStreamName=name, ExtendedS3DestinationConfiguration=destination
    )
    return emulator.active_delivery_stream(name)


@pytest.fixture
def kinesis_stream(emulator: Emulator) -> str:
    name = unique("limits")
    emulator.client("kinesis").create_stream(StreamName=name, ShardCount=2)
    return name


@pytest.mark.parametrize(
    ("sizes", "code"),
    [
        ([1] * 501, "ValidationException"),
        ([1_024_001], "ValidationException"),
        ([1_024_000] * 5, "InvalidArgumentException"),
    ],
)
def test_firehose_refuses_a_batch_that_is_too_large(
    emulator: Emulator, delivery_stream: str, sizes: list[int], code: str
) -> None:
    records = [{"Data": bytes(size)} for size in sizes]
    with pytest.raises(ClientError) as refusal:
        emulator.client("firehose").put_record_batch(DeliveryStreamName=delivery_stream, Records=records)
    assert refusal.value.response["Error"]["Code"] == code


def test_firehose_refuses_a_put_to_a_missing_stream(emulator: Emulator) -> None:
    client = emulator.client("firehose")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.put_record(DeliveryStreamName="missing", Record={"Data": b"a"})


def kinesis_records(*sizes: int) -> list[dict[str, Any]]:
    return [{"Data": bytes(size), "PartitionKey": f"{n:04d}"} for n, size in enumerate(sizes)]


def test_kinesis_accepts_ten_megabytes_at_once_in_order(emulator: Emulator) -> None:
    stream, client = unique("limits"), emulator.client("kinesis")
    client.create_stream(StreamName=stream, ShardCount=10)
    records = kinesis_records(*[1024 * 1024 - 4] * 10)
    for shard, record in enumerate(records):  # each takes one a second
        record["ExplicitHashKey"] = str(shard * 2**128 // 10 + 1)
    answer = client.put_records(StreamName=stream, Records=records)
    assert answer["FailedRecordCount"] == 0
    sequence = [int(record["SequenceNumber"]) for record in answer["Records"]]
    assert len(sequence) == 10
    assert sequence == sorted(sequence)


@pytest.mark.parametrize(
    ("sizes", "code"),
    [
        ([1] * 501, "ValidationException"),
        ([1024 * 1024 - 3], "InvalidArgumentException"),
        ([1024 * 1024 - 4] * 10 + [1], "InvalidArgumentException"),
    ],
)
def test_kinesis_refuses_records_that_are_too_large(
    emulator: Emulator, kinesis_stream: str, sizes: list[int], code: str
) -> None:
    with pytest.raises(ClientError) as refusal:
        emulator.client("kinesis").put_records(StreamName=kinesis_stream, Records=kinesis_records(*sizes))
    assert refusal.value.response["Error"]["Code"] == code
