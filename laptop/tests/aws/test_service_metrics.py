"""Service metrics, with AWS's names and dimensions."""

from __future__ import annotations

from typing import Any

import pytest
from measured import Metrics, delivery_stream

from laptop.testing.aws import (
    ROLE,
    Emulator,
    unique,
    zipped,
)
from laptop.testing.waiting import eventually


def test_a_delivery_stream_publishes_metrics_of_puts_and_deliveries(emulator: Emulator, bucket: str) -> None:
    name = delivery_stream(emulator, bucket)
    firehose, metrics = (
        emulator.client("firehose"),
        Metrics(emulator, "AWS/Firehose", DeliveryStreamName=name),
    )
    firehose.put_record(DeliveryStreamName=name, Record={"Data": b"1234567"})
    firehose.put_record_batch(DeliveryStreamName=name, Records=[{"Data": b"123"}, {"Data": b"45"}])
    assert metrics("Sum", "IncomingRecords") == 3
    assert metrics("Sum", "IncomingBytes") == 12
    assert metrics("Sum", "IncomingPutRequests") == 2
    assert metrics("Sum", "ThrottledRecords") == 0
    eventually(lambda: metrics("Sum", "DeliveryToS3.Records") == 3)
    assert metrics("Sum", "DeliveryToS3.Bytes") == 12
    assert metrics("Minimum", "DeliveryToS3.Success") == 1
    assert 2 <= (metrics("Maximum", "DeliveryToS3.DataFreshness") or 0) < 8
    eventually(lambda: metrics("Maximum", "BytesPerSecondLimit"))
    limits = ("BytesPerSecondLimit", "RecordsPerSecondLimit", "PutRequestsPerSecondLimit")
    assert [metrics("Maximum", limit) for limit in limits] == [5 * 1024 * 1024, 500_000, 2_000]
    assert not any("Kinesis" in metric for metric in metrics.names())


def test_metrics_show_failed_deliveries_and_waiting_records(emulator: Emulator) -> None:
    bucket = unique("late")
    name = delivery_stream(emulator, bucket)
    metrics = Metrics(emulator, "AWS/Firehose", DeliveryStreamName=name)
    emulator.client("firehose").put_record(DeliveryStreamName=name, Record={"Data": b"patient"})
    eventually(lambda: metrics("Minimum", "DeliveryToS3.Success") == 0)
    eventually(lambda: (metrics("Maximum", "DeliveryToS3.DataFreshness") or 0) > 3)
    assert metrics("Sum", "DeliveryToS3.Records") is None
    emulator.create_bucket(bucket)
    eventually(lambda: metrics("Sum", "DeliveryToS3.Records") == 1)
    assert metrics("Maximum", "DeliveryToS3.Success") == 1


def test_a_data_stream_and_its_delivery_stream_both_publish_metrics(emulator: Emulator, bucket: str) -> None:
    name, kinesis = unique("clicks"), emulator.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=2)
    delivery = Metrics(
        emulator, "AWS/Firehose", DeliveryStreamName=delivery_stream(emulator, bucket, source=name)
    )
    stream = Metrics(emulator, "AWS/Kinesis", StreamName=name)
    kinesis.put_record(StreamName=name, Data=b"12345", PartitionKey="a")
    records = [{"Data": b"1" * length, "PartitionKey": str(length)} for length in (1, 2, 3)]
    kinesis.put_records(StreamName=name, Records=records)

    assert stream("Sum", "IncomingRecords") == 4
    assert stream("Sum", "IncomingBytes") == 11
    assert stream("Sum", "PutRecord.Success") == 1
    assert stream("Sum", "PutRecords.Success") == 1
    assert stream("Sum", "PutRecords.TotalRecords") == stream("Sum", "PutRecords.SuccessfulRecords") == 3
    assert stream("Sum", "PutRecords.FailedRecords") == stream("Sum", "PutRecords.ThrottledRecords") == 0
    assert stream("Sum", "WriteProvisionedThroughputExceeded") == 0

    assert delivery("Sum", "DataReadFromKinesisStream.Records") == 4
    assert delivery("Sum", "DataReadFromKinesisStream.Bytes") == 11
    eventually(lambda: delivery("Maximum", "KinesisMillisBehindLatest") == 0)
    assert stream("Sum", "GetRecords.Records") == 4
    assert stream("Maximum", "GetRecords.IteratorAgeMilliseconds") == 0
    assert (stream("Sum", "GetRecords.Success") or 0) >= 1
    assert stream("Sum", "ReadProvisionedThroughputExceeded") == 0
    assert not {"IncomingRecords", "ThrottledRecords", "BytesPerSecondLimit"} & delivery.names()


def test_a_delivery_stream_whose_role_may_not_read_falls_behind_and_catches_up(
    emulator: Emulator, bucket: str
) -> None:
    source, role = unique("clicks"), unique("reader")
    emulator.client("kinesis").create_stream(StreamName=source, ShardCount=1)
    arn = emulator.create_role(role, "firehose.amazonaws.com")
    name = delivery_stream(emulator, bucket, source=source, role=arn)
    metrics = Metrics(emulator, "AWS/Firehose", DeliveryStreamName=name)
    emulator.client("kinesis").put_record(StreamName=source, Data=b"patient", PartitionKey="a")
    eventually(lambda: (metrics("Maximum", "KinesisMillisBehindLatest") or 0) > 1000)
    assert metrics("Sum", "DataReadFromKinesisStream.Records") is None
    emulator.grant(role, {"Action": ["kinesis:*", "s3:PutObject"], "Resource": "*"})
    eventually(lambda: metrics("Sum", "DeliveryToS3.Records") == 1)


def test_a_slow_reader_shows_in_the_iterator_age(emulator: Emulator) -> None:
    name, kinesis = unique("clicks"), emulator.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    metrics = Metrics(emulator, "AWS/Kinesis", StreamName=name)
    kinesis.put_record(StreamName=name, Data=b"old", PartitionKey="a")
    shard = kinesis.list_shards(StreamName=name)["Shards"][0]["ShardId"]
    arguments = {"StreamName": name, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
    iterator = kinesis.get_shard_iterator(**arguments)["ShardIterator"]

    def age_once_read() -> bool:
        kinesis.get_records(ShardIterator=iterator)
        return (metrics("Maximum", "GetRecords.IteratorAgeMilliseconds") or 0) > 500

    eventually(age_once_read)
    assert (metrics("Sum", "GetRecords.Records") or 0) >= 1


class TestBucket:
    @pytest.fixture
    def stack(self, emulator: Emulator) -> str:
        return emulator.deploy(self.template({"Id": "errors", "Prefix": "errors/"}, {"Id": "all"}))

    def template(self, *configurations: dict[str, Any]) -> dict[str, Any]:
        properties = {"MetricsConfigurations": list(configurations)} if configurations else {}
        return {"Lake": {"Type": "AWS::S3::Bucket", "Properties": properties}}

    def test_requests_are_measured_by_the_prefix_of_each_filter(self, emulator: Emulator, stack: str) -> None:
        bucket, s3 = emulator.physical_id(stack, "Lake"), emulator.client("s3")
        errors = Metrics(emulator, "AWS/S3", BucketName=bucket, FilterId="errors")
        everything = Metrics(emulator, "AWS/S3", BucketName=bucket, FilterId="all")
        s3.put_object(Bucket=bucket, Key="events/a", Body=b"12345")
        assert errors.names() == set()
        s3.put_object(Bucket=bucket, Key="errors/b", Body=b"123")
        s3.get_object(Bucket=bucket, Key="errors/b")
        assert errors("Sum", "PutRequests") == errors("Sum", "GetRequests") == 1
        assert errors("Sum", "AllRequests") == 2
        assert errors("Sum", "BytesUploaded") == 3
        assert everything("Sum", "PutRequests") == 2
        assert everything("Sum", "BytesUploaded") == 8
        listed = s3.list_bucket_metrics_configurations(Bucket=bucket)["MetricsConfigurationList"]
        assert listed == [{"Id": "errors", "Filter": {"Prefix": "errors/"}}, {"Id": "all"}]

    def test_the_parts_of_any_upload_count_as_puts(self, emulator: Emulator, stack: str) -> None:
        bucket = emulator.physical_id(stack, "Lake")
        metrics = Metrics(emulator, "AWS/S3", BucketName=bucket, FilterId="all")
        # With two seconds of buffering Firehose uploads in parts.
        name = delivery_stream(emulator, bucket)
        emulator.client("firehose").put_record(DeliveryStreamName=name, Record={"Data": b"a"})
        eventually(lambda: metrics("Sum", "AllRequests") == 3)
        assert metrics("Sum", "PutRequests") == 1
        assert metrics("Sum", "PostRequests") == 2

    def test_without_a_filter_there_are_no_request_metrics(self, emulator: Emulator, stack: str) -> None:
        emulator.deploy(self.template(), stack)
        bucket = emulator.physical_id(stack, "Lake")
        emulator.client("s3").put_object(Bucket=bucket, Key="errors/b")
        assert Metrics(emulator, "AWS/S3", BucketName=bucket, FilterId="errors").names() == set()

    def test_a_filter_by_tag_is_refused(self, emulator: Emulator) -> None:
        tagged = {"Id": "tagged", "TagFilters": [{"Key": "team", "Value": "data"}]}
        assert emulator.status(emulator.deploy(self.template(tagged))) == "ROLLBACK_COMPLETE"


def test_every_invocation_is_counted_once(emulator: Emulator) -> None:
    name = unique("function")
    emulator.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=ROLE,
        Handler="index.handler",
        Code={"ZipFile": zipped({"index.py": "def handler(event, context):\n    return 1 / event['by']"})},
    )
    metrics = Metrics(emulator, "AWS/Lambda", FunctionName=name)
    for payload in (b'{"by": 1}', b'{"by": 0}'):
        emulator.client("lambda").invoke(FunctionName=name, Payload=payload)
    assert metrics("Sum", "Invocations") == 2
    assert metrics("Sum", "Errors") == 1
    assert metrics("Sum", "Throttles") == 0
    assert (metrics("Minimum", "Duration") or 0) > 0


def test_a_throttled_invocation_is_not_an_error(emulator: Emulator) -> None:
    name = unique("function")
    client = emulator.client("lambda")
    client.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=ROLE,
        Handler="index.handler",
        Code={"ZipFile": zipped({"index.py": "def handler(event, context):\n    return 1"})},
    )
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(client.exceptions.TooManyRequestsException):
        client.invoke(FunctionName=name)
    metrics = Metrics(emulator, "AWS/Lambda", FunctionName=name)
    assert (metrics("Sum", "Throttles") or 0) >= 1  # the client tries again
    assert metrics.names() == {"Throttles"}
