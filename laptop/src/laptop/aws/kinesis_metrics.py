"""The service metrics of a Kinesis stream, which MiniStack does not publish.

https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from ministack.services import kinesis

from laptop.aws.metrics.store import record
from laptop.aws.throttling.kinesis import THROTTLED

Response = tuple[int, dict[str, str], bytes]
Handler = Callable[[dict[str, Any]], Response]


def install() -> None:
    """Measure puts and reads; install it after everything that refuses them."""
    kinesis._put_record = _measured_put_record(kinesis._put_record)
    kinesis._put_records = _measured_put_records(kinesis._put_records)
    kinesis._get_records = _measured_get_records(kinesis._get_records)


def read_by_firehose(stream_arn: str, payloads: Sequence[bytes] = ()) -> None:
    """Publish a read by a delivery stream, which polls even without new records."""
    name = stream_arn.rsplit("/", 1)[1]
    _publish_read(name, records=len(payloads), size=sum(map(len, payloads)), age_seconds=0)


def _measured_put_record(put: Handler) -> Handler:
    def measured(data: dict[str, Any]) -> Response:
        response = put(data)
        name, stream = kinesis._resolve_stream(data)
        if stream is not None:
            taken = response[0] < 400
            _publish(name, "PutRecord.Success", int(taken), "Count")
            _publish_written(name, [data] if taken else [], throttled=int(_error(response) == THROTTLED))
        return response

    return measured


def _measured_put_records(put: Handler) -> Handler:
    def measured(data: dict[str, Any]) -> Response:
        response = put(data)
        name, stream = kinesis._resolve_stream(data)
        if stream is not None and response[0] < 400:
            _publish_put_records(name, data["Records"], json.loads(response[2])["Records"])
        return response

    return measured


def _publish_put_records(name: str, records: list[dict[str, Any]], answers: list[dict[str, Any]]) -> None:
    taken = [one for one, answer in zip(records, answers, strict=True) if not answer.get("ErrorCode")]
    throttled = sum(answer.get("ErrorCode") == THROTTLED for answer in answers)
    counts = {
        "Success": int(bool(taken)),
        "TotalRecords": len(records),
        "SuccessfulRecords": len(taken),
        "FailedRecords": len(records) - len(taken) - throttled,
        "ThrottledRecords": throttled,
    }
    for metric, count in counts.items():
        _publish(name, f"PutRecords.{metric}", count, "Count")
    _publish_written(name, taken, throttled=throttled)


def _publish_written(name: str, taken: list[dict[str, Any]], *, throttled: int) -> None:
    if taken:
        _publish(name, "IncomingRecords", len(taken), "Count")
        _publish(name, "IncomingBytes", sum(map(_size, taken)), "Bytes")
    _publish(name, "WriteProvisionedThroughputExceeded", throttled, "Count")


def _measured_get_records(get: Handler) -> Handler:
    def measured(data: dict[str, Any]) -> Response:
        iterator = kinesis._shard_iterators.get(data.get("ShardIterator"))
        response = get(data)
        if iterator is not None and response[0] < 400:
            records = json.loads(response[2])["Records"]
            age = time.time() - records[-1]["ApproximateArrivalTimestamp"] if records else 0
            size = sum(map(_size, records))
            _publish_read(iterator["stream"], records=len(records), size=size, age_seconds=age)
        return response

    return measured


def _publish_read(name: str, *, records: int, size: int, age_seconds: float) -> None:
    _publish(name, "GetRecords.Success", 1, "Count")
    _publish(name, "GetRecords.Records", records, "Count")
    _publish(name, "GetRecords.Bytes", size, "Bytes")
    _publish(name, "GetRecords.IteratorAgeMilliseconds", age_seconds * 1000, "Milliseconds")
    _publish(name, "ReadProvisionedThroughputExceeded", 0, "Count")


def _publish(name: str, metric: str, value: float, unit: str) -> None:
    record("AWS/Kinesis", metric, value, unit=unit, dimensions={"StreamName": name})


def _size(entry: dict[str, Any]) -> int:
    """Bytes of a record's data, which is base64 here."""
    data = str(entry.get("Data") or "")
    return len(data) * 3 // 4 - data.count("=", -2)


def _error(response: Response) -> str | None:
    if response[0] < 400:
        return None
    return str(json.loads(response[2]).get("__type"))
