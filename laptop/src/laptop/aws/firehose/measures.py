"""Firehose's service metrics, which MiniStack does not publish.

https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html
"""

from __future__ import annotations

from collections.abc import Sequence

from laptop.aws.metrics.store import record
from laptop.aws.throttling.quotas import DirectPutQuota


def received_directly(stream_name: str, payloads: Sequence[bytes], *, throttled: int) -> None:
    """Records accepted from a put, and the number of throttled ones."""
    if payloads:
        _publish(stream_name, "IncomingRecords", len(payloads), "Count")
        _publish(stream_name, "IncomingBytes", sum(map(len, payloads)), "Bytes")
        _publish(stream_name, "IncomingPutRequests", 1, "Count")
    _publish(stream_name, "ThrottledRecords", throttled, "Count")


def read_from_kinesis(stream_name: str, payloads: Sequence[bytes]) -> None:
    """Records read from the Data Stream."""
    _publish(stream_name, "DataReadFromKinesisStream.Records", len(payloads), "Count")
    _publish(stream_name, "DataReadFromKinesisStream.Bytes", sum(map(len, payloads)), "Bytes")


def behind_kinesis(stream_name: str, seconds: float) -> None:
    """The delay of the delivery stream behind the newest record of its Data Stream."""
    _publish(stream_name, "KinesisMillisBehindLatest", seconds * 1000, "Milliseconds")


def delivered(stream_name: str, *, records: int, size: int, age: float) -> None:
    """An object written to S3, whose oldest record arrived `age` seconds ago."""
    _publish(stream_name, "DeliveryToS3.Success", 1, "Count")
    _publish(stream_name, "DeliveryToS3.Records", records, "Count")
    _publish(stream_name, "DeliveryToS3.Bytes", size, "Bytes")
    oldest_record(stream_name, age)


def not_delivered(stream_name: str) -> None:
    """An object that S3 refused."""
    _publish(stream_name, "DeliveryToS3.Success", 0, "Count")


def oldest_record(stream_name: str, age: float) -> None:
    """Age in seconds of the oldest record that is not yet delivered."""
    _publish(stream_name, "DeliveryToS3.DataFreshness", age, "Seconds")


def invoked(stream_name: str, *, succeeded: bool, seconds: float) -> None:
    """An invocation of the function that transforms records."""
    _publish(stream_name, "ExecuteProcessing.Success", int(succeeded), "Count")
    _publish(stream_name, "ExecuteProcessing.Duration", seconds * 1000, "Milliseconds")


def processed(stream_name: str, *, records: int, size: int) -> None:
    """Records that the function transformed or dropped, and their bytes before that."""
    _publish(stream_name, "SucceedProcessing.Records", records, "Count")
    _publish(stream_name, "SucceedProcessing.Bytes", size, "Bytes")


def limits(stream_name: str, quota: DirectPutQuota) -> None:
    """The quotas of a stream that takes direct puts."""
    _publish(stream_name, "BytesPerSecondLimit", quota.bytes_per_second, "Bytes")
    _publish(stream_name, "RecordsPerSecondLimit", quota.records_per_second, "Count")
    _publish(stream_name, "PutRequestsPerSecondLimit", quota.puts_per_second, "Count")


def _publish(stream_name: str, name: str, value: float, unit: str) -> None:
    record("AWS/Firehose", name, value, unit=unit, dimensions={"DeliveryStreamName": stream_name})
