"""Firehose in the running emulator: a function transforms records before they are delivered."""

from __future__ import annotations

import gzip
import json
import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from measured import Metrics
from transforming import APPEND_DELIMITER, TransformedStream, function, held, processor

from laptop.testing.aws import ACCOUNT, REGION, Emulator, unique
from laptop.testing.kpl import aggregate
from laptop.testing.waiting import eventually

# Delivers the whole request in place of the first record.
ECHO = """
    seen = json.dumps({**event, "seen": [text(r) for r in records]}) + chr(10)
    return {"records": [answer(r, "Dropped") for r in records[1:]] + [answer(records[0], "Ok", seen)]}
"""


def test_ok_goes_on_dropped_vanishes_and_failed_goes_to_the_errors(emulator: Emulator) -> None:
    stream = TransformedStream(emulator, processor(function(emulator)))
    stream.put(b"a", b"Dropped", b"b", b"ProcessingFailed", b"c")
    assert eventually(stream.delivered) == b"ABC"
    (document,) = eventually(stream.failed)
    assert document["errorCode"] == "Lambda.ProcessingFailedStatus"
    assert stream.failed_data() == [b"ProcessingFailed"]
    assert stream.logged() == []


@pytest.mark.parametrize("position", [None, 0, 1])
def test_a_delimiter_is_appended_only_by_its_processor(emulator: Emulator, position: int | None) -> None:
    processors = [processor(function(emulator))]
    if position is not None:
        processors.insert(position, APPEND_DELIMITER)
    stream = TransformedStream(emulator, *processors)
    stream.put(b"a", b"b\n")
    assert eventually(stream.delivered) == (b"AB\n" if position is None else b"A\nB\n\n")


def test_without_a_function_a_record_is_not_changed(emulator: Emulator) -> None:
    switched_off = {"Enabled": False, "Processors": [processor(function(emulator))]}
    stream = TransformedStream(emulator, ProcessingConfiguration=switched_off)
    stream.put(b"a")
    assert eventually(stream.delivered) == b"a"


def test_the_request_for_direct_puts(emulator: Emulator) -> None:
    stream = TransformedStream(emulator, processor(function(emulator, ECHO), BufferIntervalInSeconds=1))
    before = round(time.time() * 1000)
    stream.put(b"first")
    between = round(time.time() * 1000)
    stream.put(b"second")
    after = round(time.time() * 1000)
    (event,) = eventually(stream.events)
    assert event.keys() == {"invocationId", "deliveryStreamArn", "region", "records", "seen"}
    assert (event["deliveryStreamArn"], event["region"]) == (stream.arn, REGION)
    assert event["seen"] == ["first", "second"]
    first, second = event["records"]
    assert first.keys() == {"recordId", "approximateArrivalTimestamp", "data"}
    assert before <= first["approximateArrivalTimestamp"] <= between
    assert between <= second["approximateArrivalTimestamp"] <= after
    assert first["recordId"] != second["recordId"]


def test_the_request_for_records_of_a_data_stream(emulator: Emulator) -> None:
    name, kinesis = unique("clicks"), emulator.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=3)
    stream = TransformedStream(
        emulator, processor(function(emulator, ECHO), BufferIntervalInSeconds=1), kinesis=name
    )
    keys = ["a", "b", "c", "d", 'quoted "é"']
    put = kinesis.put_records(
        StreamName=name, Records=[{"Data": f"of {key}".encode(), "PartitionKey": key} for key in keys]
    )["Records"]
    put += [kinesis.put_record(StreamName=name, Data=b"alone", PartitionKey="alone")]
    (event,) = eventually(stream.events)
    assert event["sourceKinesisStreamArn"] == f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{name}"
    assert event["seen"] == [*[f"of {key}" for key in keys], "alone"]
    assert len({one["ShardId"] for one in put}) > 1
    arrivals = {
        record["SequenceNumber"]: round(record["ApproximateArrivalTimestamp"].timestamp() * 1000)
        for shard in {one["ShardId"] for one in put}
        for record in kinesis.get_records(
            ShardIterator=kinesis.get_shard_iterator(
                StreamName=name, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
        )["Records"]
    }
    for record, answer, key in zip(event["records"], put, [*keys, "alone"], strict=True):
        assert record["kinesisRecordMetadata"] == {
            "sequenceNumber": answer["SequenceNumber"],
            "subsequenceNumber": "",
            "partitionKey": key,
            "shardId": answer["ShardId"],
            "approximateArrivalTimestamp": arrivals[answer["SequenceNumber"]],
        }
        assert record["approximateArrivalTimestamp"] == arrivals[answer["SequenceNumber"]]


def test_records_of_an_aggregate_are_transformed_one_by_one_from_a_data_stream_only(
    emulator: Emulator,
) -> None:
    name = unique("aggregates")
    kinesis = emulator.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    stream = TransformedStream(
        emulator, processor(function(emulator, ECHO), BufferIntervalInSeconds=1), kinesis=name
    )
    data = aggregate(["first", "second"], [(1, b"one"), (0, b"two")])
    put = kinesis.put_record(StreamName=name, Data=data, PartitionKey="own")
    (event,) = eventually(stream.events)
    assert event["seen"] == ["one", "two"]
    given = [record["kinesisRecordMetadata"] for record in event["records"]]
    assert [one["partitionKey"] for one in given] == ["second", "first"]
    assert {one["sequenceNumber"] for one in given} == {put["SequenceNumber"]}
    assert len({record["recordId"] for record in event["records"]}) == 2


def test_an_aggregate_that_is_put_directly_is_delivered_as_it_is(emulator: Emulator) -> None:
    stream = TransformedStream(emulator, ProcessingConfiguration={"Enabled": False})
    data = aggregate(["key"], [(0, b"one"), (0, b"two")])
    stream.put(data)
    assert eventually(stream.delivered) == data


def test_a_batch_is_never_larger_than_the_buffer(emulator: Emulator) -> None:
    count = '    return {"records": [answer(r, "Ok", f"{len(records)} ") for r in records]}'
    stream = TransformedStream(
        emulator,
        processor(function(emulator, count), BufferSizeInMBs=0.2, BufferIntervalInSeconds=1),
    )
    # Twice 100 KiB fit into 0.2 MiB (204.8 KiB), three times do not.
    stream.put(*[b"x" * 102_400] * 5)
    eventually(lambda: len(stream.delivered().split()) == 5)
    assert sorted(stream.delivered().split()) == [b"1", b"2", b"2", b"2", b"2"]


def test_the_largest_batch_and_answer_pass(emulator: Emulator) -> None:
    stream = TransformedStream(emulator, processor(function(emulator), BufferSizeInMBs=3))
    stream.put(*[b"x" * 786_432] * 4)
    eventually(lambda: len(stream.delivered()) == 3 * 1024 * 1024)


def test_the_version_of_an_arn_is_invoked(emulator: Emulator) -> None:
    arn = function(emulator)
    version = emulator.client("lambda").publish_version(FunctionName=arn)["FunctionArn"]
    stream = TransformedStream(emulator, processor(version))
    stream.put(b"a")
    assert eventually(stream.delivered) == b"A"


def test_records_wait_in_the_buffer_for_its_interval(emulator: Emulator) -> None:
    stream = TransformedStream(emulator, processor(function(emulator), BufferIntervalInSeconds=1))
    began = time.monotonic()
    stream.put(b"a")
    assert eventually(stream.delivered) == b"A"
    assert time.monotonic() - began >= 1


def test_the_age_of_records_counts_while_they_wait_for_the_function(emulator: Emulator) -> None:
    stream = TransformedStream(emulator, processor(function(emulator), BufferIntervalInSeconds=900))
    metrics = Metrics(emulator, "AWS/Firehose", DeliveryStreamName=stream.name)
    stream.put(b"a")
    eventually(lambda: (metrics("Maximum", "DeliveryToS3.DataFreshness") or 0) > 1)
    emulator.client("firehose").delete_delivery_stream(DeliveryStreamName=stream.name)


def test_the_age_of_records_counts_while_the_function_runs(emulator: Emulator) -> None:
    bucket = emulator.create_bucket()
    stream = TransformedStream(emulator, processor(function(emulator, held(bucket))))
    metrics = Metrics(emulator, "AWS/Firehose", DeliveryStreamName=stream.name)
    put = datetime.now(UTC).replace(microsecond=0)
    stream.put(b"a")
    eventually(lambda: (metrics("Maximum", "DeliveryToS3.DataFreshness") or 0) > 2)
    emulator.client("s3").put_object(Bucket=bucket, Key="end")
    (key,) = eventually(lambda: emulator.objects(stream.bucket))
    named = re.search(r"\d{4}(-\d\d){5}", key)
    assert named
    arrived = datetime.strptime(f"{named[0]} +0000", "%Y-%m-%d-%H-%M-%S %z")
    assert arrived - put <= timedelta(seconds=1)


def test_metrics_count_invocations_and_records(emulator: Emulator) -> None:
    stream = TransformedStream(emulator, processor(function(emulator)))
    metrics = Metrics(emulator, "AWS/Firehose", DeliveryStreamName=stream.name)
    stream.put(b"abc", b"Dropped", b"ProcessingFailed")
    eventually(lambda: metrics("Sum", "SucceedProcessing.Records") == 2)
    assert metrics("Sum", "SucceedProcessing.Bytes") == len(b"abcDropped")
    assert metrics("Sum", "ExecuteProcessing.Success") == 1
    assert (metrics("Maximum", "ExecuteProcessing.Duration") or 0) > 1
    eventually(stream.failed)
    eventually(lambda: metrics("Sum", "DeliveryToS3.Records"))
    assert metrics("Sum", "DeliveryToS3.Records") == 1
    assert metrics("Minimum", "DeliveryToS3.Success") == 1


def test_failed_records_are_compressed_like_the_destination(emulator: Emulator) -> None:
    stream = TransformedStream(emulator, processor(function(emulator)), CompressionFormat="GZIP")
    stream.put(b"ProcessingFailed", b"ProcessingFailed")
    ((key, body),) = eventually(lambda: emulator.objects(stream.bucket, "errors/")).items()
    assert key.startswith("errors/processing-failed/20")
    assert key.endswith(".gz")
    documents = [json.loads(line) for line in gzip.decompress(body).splitlines()]
    assert len(documents) == 2


def test_a_changed_stream_calls_the_old_function_for_earlier_records_and_some_later_ones(
    emulator: Emulator,
) -> None:
    stream = TransformedStream(emulator, processor(function(emulator), BufferIntervalInSeconds=1))
    stream.put(b"old")
    off: dict[str, Any] = {"Enabled": False, "Processors": []}
    client = emulator.client("firehose")
    described = client.describe_delivery_stream(DeliveryStreamName=stream.name)["DeliveryStreamDescription"]
    client.update_destination(
        DeliveryStreamName=stream.name,
        CurrentDeliveryStreamVersionId=described["VersionId"],
        DestinationId=described["Destinations"][0]["DestinationId"],
        ExtendedS3DestinationUpdate={"ProcessingConfiguration": off},
    )
    stream.put(b"then")
    stream.put(b"new")
    eventually(lambda: len(stream.delivered()) == 10)
    assert sorted(emulator.objects(stream.bucket).values()) == [b"OLDTHEN", b"new"]


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize("through_kinesis", [False, True])
def test_ten_thousand_events_are_neither_lost_nor_duplicated(
    emulator: Emulator, through_kinesis: bool
) -> None:
    kinesis = unique("clicks") if through_kinesis else None
    if kinesis:
        emulator.client("kinesis").create_stream(StreamName=kinesis, ShardCount=3)
    stream = TransformedStream(
        emulator,
        APPEND_DELIMITER,
        processor(function(emulator), BufferSizeInMBs=0.2),
        kinesis=kinesis,
        interval=1,
    )
    for first in range(0, 10_000, 500):
        payloads = [f"event {number} {'x' * 150}".encode() for number in range(first, first + 500)]
        if kinesis:
            emulator.client("kinesis").put_records(
                StreamName=kinesis,
                Records=[{"Data": data, "PartitionKey": data.decode()} for data in payloads],
            )
        else:
            stream.put(*payloads)
    eventually(lambda: stream.delivered().count(b"\n") >= 10_000)
    numbers = sorted(int(line.split()[1]) for line in stream.delivered().splitlines())
    assert numbers == list(range(10_000))
    assert stream.failed() == []
