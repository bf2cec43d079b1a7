"""Firehose in the running emulator: records are delivered to S3 as AWS documents it."""

from __future__ import annotations

import gzip
import json
import re
import time
from typing import Any

import psutil
import pytest

from laptop.testing.aws import (
    ACCOUNT,
    REGION,
    ROLE,
    Emulator,
    unique,
)
from laptop.testing.waiting import eventually

APPEND_DELIMITER = {"Type": "AppendDelimiterToRecord"}


def s3_destination(
    bucket: str, *processors: dict[str, Any], interval: int = 0, **more: Any
) -> dict[str, Any]:
    return {
        "BucketARN": f"arn:aws:s3:::{bucket}",
        "RoleARN": ROLE,
        "BufferingHints": {"IntervalInSeconds": interval, "SizeInMBs": 1},
        "ProcessingConfiguration": {"Enabled": bool(processors), "Processors": list(processors)},
        **more,
    }


def create(emulator: Emulator, destination: dict[str, Any], kinesis: str | None = None) -> str:
    name = unique("stream")
    source = {}
    if kinesis:
        arn = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{kinesis}"
        source = {
            "DeliveryStreamType": "KinesisStreamAsSource",
            "KinesisStreamSourceConfiguration": {"KinesisStreamARN": arn, "RoleARN": ROLE},
        }
    emulator.client("firehose").create_delivery_stream(
        DeliveryStreamName=name, ExtendedS3DestinationConfiguration=destination, **source
    )
    return emulator.active_delivery_stream(name)


def change(emulator: Emulator, stream: str, **update: Any) -> None:
    client = emulator.client("firehose")
    described = client.describe_delivery_stream(DeliveryStreamName=stream)["DeliveryStreamDescription"]
    client.update_destination(
        DeliveryStreamName=stream,
        CurrentDeliveryStreamVersionId=described["VersionId"],
        DestinationId=described["Destinations"][0]["DestinationId"],
        ExtendedS3DestinationUpdate=update,
    )


def put(emulator: Emulator, stream: str, *payloads: bytes) -> None:
    answer = emulator.client("firehose").put_record_batch(
        DeliveryStreamName=stream, Records=[{"Data": payload} for payload in payloads]
    )
    assert answer["FailedPutCount"] == 0


def numbers(objects: dict[str, bytes]) -> list[int]:
    lines = [line for body in objects.values() for line in gzip.decompress(body).splitlines()]
    return sorted(json.loads(line)["number"] for line in lines)


def batches(count: int) -> list[list[bytes]]:
    events = [json.dumps({"number": n, "padding": "x" * 150}).encode() for n in range(count)]
    return [events[i : i + 500] for i in range(0, count, 500)]


@pytest.mark.usefixtures("unlimited")
def test_ten_thousand_events_through_three_shards_are_neither_lost_nor_duplicated(
    emulator: Emulator, bucket: str
) -> None:
    kinesis = unique("clicks")
    emulator.client("kinesis").create_stream(StreamName=kinesis, ShardCount=3)
    create(emulator, s3_destination(bucket, APPEND_DELIMITER, CompressionFormat="GZIP"), kinesis)
    client = emulator.client("kinesis")
    shards = set()
    for batch in batches(10_000):
        records = [{"Data": data, "PartitionKey": str(key)} for key, data in enumerate(batch)]
        answer = client.put_records(StreamName=kinesis, Records=records)
        assert answer["FailedRecordCount"] == 0
        shards |= {record["ShardId"] for record in answer["Records"]}
    assert len(shards) == 3
    eventually(lambda: len(numbers(emulator.objects(bucket))) >= 10_000)
    assert numbers(emulator.objects(bucket)) == list(range(10_000))


@pytest.mark.usefixtures("unlimited")
def test_ten_thousand_events_put_directly_are_neither_lost_nor_duplicated(
    emulator: Emulator, bucket: str
) -> None:
    stream = create(emulator, s3_destination(bucket, APPEND_DELIMITER, CompressionFormat="GZIP", interval=1))
    for batch in batches(10_000):
        put(emulator, stream, *batch)
    eventually(lambda: len(numbers(emulator.objects(bucket))) >= 10_000)
    objects = emulator.objects(bucket)
    assert numbers(objects) == list(range(10_000))
    # Two megabytes in buffers of one, not one object per record.
    assert len(objects) <= 5


def test_one_call_with_zero_buffering_is_one_object(emulator: Emulator, bucket: str) -> None:
    put(emulator, create(emulator, s3_destination(bucket, interval=0)), b"a", b"b", b"c")
    eventually(lambda: emulator.objects(bucket))
    assert list(emulator.objects(bucket).values()) == [b"abc"]


def test_a_record_waits_for_the_interval(emulator: Emulator, bucket: str) -> None:
    began = time.monotonic()
    put(emulator, create(emulator, s3_destination(bucket, interval=1)), b"a")
    assert emulator.objects(bucket) == {}
    eventually(lambda: emulator.objects(bucket))
    assert time.monotonic() - began >= 1


def test_a_full_megabyte_does_not_wait(emulator: Emulator, bucket: str) -> None:
    put(emulator, create(emulator, s3_destination(bucket, interval=900)), *[bytes(524288)] * 2)
    assert [len(body) for body in eventually(lambda: emulator.objects(bucket)).values()] == [1048576]


def test_the_object_name_has_prefix_stream_version_time_and_extension(
    emulator: Emulator, bucket: str
) -> None:
    prefix = "events/dt=!{timestamp:yyyy-MM-dd}/hh=!{timestamp:HH}/"
    destination = s3_destination(bucket, CompressionFormat="GZIP", Prefix=prefix, ErrorOutputPrefix="errors/")
    stream = create(emulator, destination)
    put(emulator, stream, b"a")
    (key,) = eventually(lambda: emulator.objects(bucket))
    pattern = rf"events/dt=(\d{{4}}-\d\d-\d\d)/hh=(\d\d)/{stream}-1-\1-\2-\d\d-\d\d-[0-9a-f-]{{36}}\.gz"
    assert re.fullmatch(pattern, key), key


def test_a_changed_stream_delivers_earlier_records_and_some_later_ones_with_the_old_settings(
    emulator: Emulator, bucket: str
) -> None:
    stream = create(emulator, s3_destination(bucket, interval=1, Prefix="old/"))
    put(emulator, stream, b"before")
    change(emulator, stream, Prefix="new/")
    put(emulator, stream, b"then")
    put(emulator, stream, b"after")
    eventually(lambda: len(emulator.objects(bucket)) == 2)
    assert list(emulator.objects(bucket, "old/").values()) == [b"beforethen"]
    ((key, body),) = emulator.objects(bucket, "new/").items()
    assert body == b"after"
    assert f"/{stream}-2-" in key


def test_a_short_interval_uploads_in_parts(emulator: Emulator, bucket: str) -> None:
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName=unique("channel"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allow = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    emulator.client("s3").put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]
        },
    )
    stream = create(emulator, s3_destination(bucket, interval=0))
    names: list[str] = []

    def announced() -> list[str]:
        put(emulator, stream, b"a")
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            names.extend(record["eventName"] for record in json.loads(message["Body"]).get("Records", []))
        return names

    assert set(eventually(announced)) == {"ObjectCreated:CompleteMultipartUpload"}


def test_a_missing_bucket_is_logged_and_retried(emulator: Emulator) -> None:
    logs, group, bucket = emulator.client("logs"), unique("/firehose"), unique("late")
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="S3Delivery")
    logging = {"Enabled": True, "LogGroupName": group, "LogStreamName": "S3Delivery"}
    put(emulator, create(emulator, s3_destination(bucket, CloudWatchLoggingOptions=logging)), b"patient")
    logged = eventually(lambda: logs.filter_log_events(logGroupName=group)["events"])
    assert json.loads(logged[0]["message"])["errorCode"] == "S3.NoSuchBucket"
    emulator.create_bucket(bucket)
    assert list(eventually(lambda: emulator.objects(bucket)).values()) == [b"patient"]


def test_an_object_is_encrypted_with_the_key_the_stream_names(emulator: Emulator, bucket: str) -> None:
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/lake"
    encryption = {"KMSEncryptionConfig": {"AWSKMSKeyARN": key}}
    put(emulator, create(emulator, s3_destination(bucket, EncryptionConfiguration=encryption)), b"a")
    (name,) = eventually(lambda: emulator.objects(bucket))
    assert emulator.client("s3").head_object(Bucket=bucket, Key=name)["SSEKMSKeyId"] == key


@pytest.mark.usefixtures("unlimited")
def test_delivered_records_are_not_kept_in_memory(emulator: Emulator, bucket: str) -> None:
    stream = create(emulator, s3_destination(bucket, interval=0, CompressionFormat="GZIP"))
    process = psutil.Process(emulator.pid)
    put(emulator, stream, bytes(1_000_000))
    eventually(lambda: emulator.objects(bucket))
    before = process.memory_info().rss
    for _ in range(25):
        put(emulator, stream, *[bytes(1_000_000)] * 4)
    assert process.memory_info().rss - before < 50_000_000


def test_unsupported_features_are_refused_when_a_stream_is_created_or_changed(
    emulator: Emulator, bucket: str
) -> None:
    invalid = emulator.client("firehose").exceptions.InvalidArgumentException
    refused = pytest.raises(invalid, match="UNCOMPRESSED or GZIP, not ZIP")
    with refused:
        create(emulator, s3_destination(bucket, CompressionFormat="ZIP"))
    stream = create(emulator, s3_destination(bucket))
    with refused:
        change(emulator, stream, CompressionFormat="ZIP")


def test_unsupported_features_are_refused_in_cloudformation(emulator: Emulator, bucket: str) -> None:
    name = unique("stream")

    def stream(compression: str) -> dict[str, Any]:
        destination = s3_destination(bucket, CompressionFormat=compression)
        properties = {"DeliveryStreamName": name, "ExtendedS3DestinationConfiguration": destination}
        return {"Stream": {"Type": "AWS::KinesisFirehose::DeliveryStream", "Properties": properties}}

    stack = emulator.deploy(stream("GZIP"))
    emulator.deploy(stream("ZIP"), stack)
    assert emulator.status(stack) == "UPDATE_ROLLBACK_COMPLETE"
    put(emulator, name, b"a")
    (key,) = eventually(lambda: emulator.objects(bucket))
    assert key.endswith(".gz")


def test_records_from_before_its_start_are_never_delivered(emulator: Emulator, bucket: str) -> None:
    """It reads from the LATEST position, also a Data Stream that another delivery stream has read before."""
    kinesis = unique("kept")
    client = emulator.client("kinesis")
    client.create_stream(StreamName=kinesis, ShardCount=1)
    client.put_record(StreamName=kinesis, PartitionKey="1", Data=b"before")
    stream = create(emulator, s3_destination(bucket, APPEND_DELIMITER), kinesis)
    client.put_record(StreamName=kinesis, PartitionKey="1", Data=b"after")
    assert list(eventually(lambda: emulator.objects(bucket)).values()) == [b"after\n"]
    described = emulator.client("firehose").describe_delivery_stream(DeliveryStreamName=stream)
    source = described["DeliveryStreamDescription"]["Source"]["KinesisStreamSourceDescription"]
    assert source["DeliveryStartTimestamp"] > described["DeliveryStreamDescription"]["CreateTimestamp"]


def test_a_delivery_stream_takes_nothing_until_it_is_active(emulator: Emulator, bucket: str) -> None:
    firehose, name = emulator.client("firehose"), unique("stream")
    destination = s3_destination(bucket)
    firehose.create_delivery_stream(DeliveryStreamName=name, ExtendedS3DestinationConfiguration=destination)
    with pytest.raises(firehose.exceptions.ResourceNotFoundException):
        firehose.put_record(DeliveryStreamName=name, Record={"Data": b"early"})
    put(emulator, emulator.active_delivery_stream(name), b"on time")
    assert list(eventually(lambda: emulator.objects(bucket)).values()) == [b"on time"]
