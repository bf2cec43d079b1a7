"""Throttling of Kinesis puts per shard: some records of a call may be accepted and others not.

https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html has the two codes of a refused record.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, json_response
from ministack.services import kinesis

from laptop.aws.faults.fault import record_fault
from laptop.aws.throttling.allowance import Allowances
from laptop.aws.throttling.quotas import shard_quota

Response = tuple[int, dict[str, str], bytes]
Record = dict[str, Any]
Handler = Callable[[dict[str, Any]], Response]

THROTTLED = "ProvisionedThroughputExceededException"

_allowances = Allowances()


def install(size: Callable[[Record], int]) -> None:
    """Refuse records above a shard's limit; `size` counts a record's bytes."""
    kinesis._put_record = _throttled_put_record(kinesis._put_record, size)
    kinesis._put_records = _throttled_put_records(kinesis._put_records, size)


def _throttled_put_record(put: Handler, size: Callable[[Record], int]) -> Handler:
    def throttled(data: dict[str, Any]) -> Response:
        _, stream = kinesis._resolve_stream(data)
        if stream is None or not data.get("PartitionKey"):
            return put(data)
        refusal = _refusal(stream, _shard(data, stream), size(data))
        if refusal is None:
            return put(data)
        code, message = refusal
        response: Response = error_response_json(code, message, 400 if code == THROTTLED else 500)
        return response

    return throttled


def _throttled_put_records(put: Handler, size: Callable[[Record], int]) -> Handler:
    def throttled(data: dict[str, Any]) -> Response:
        _, stream = kinesis._resolve_stream(data)
        records: list[Record] = data.get("Records") or []
        if stream is None or not records:
            return put(data)
        refusals = [_refusal(stream, _shard(record, stream), size(record)) for record in records]
        passed = [record for record, refusal in zip(records, refusals, strict=True) if refusal is None]
        response = put({**data, "Records": passed}) if passed else _nothing_put(stream)
        if response[0] >= 400:
            return response
        answer = json.loads(response[2])
        taken = iter(answer["Records"])
        answer["Records"] = [
            {"ErrorCode": refusal[0], "ErrorMessage": refusal[1]} if refusal else next(taken)
            for refusal in refusals
        ]
        answer["FailedRecordCount"] += len(records) - len(passed)
        merged: Response = json_response(answer)
        return merged

    return throttled


def _refusal(stream: dict[str, Any], shard: str, size: int) -> tuple[str, str] | None:
    """The code and message with which a record is refused; None if the shard takes it."""
    fault = record_fault(stream["StreamName"])
    if fault == "record_failed":
        return "InternalFailure", "Internal service failure."
    quota = shard_quota()
    limits = quota.bytes_per_second, quota.records_per_second
    taken = _allowances.take((stream["StreamARN"], shard), (size, 1), limits, now=time.time())
    return None if taken and fault is None else (THROTTLED, _message(stream, shard))


def _shard(record: Record, stream: dict[str, Any]) -> str:
    explicit = record.get("ExplicitHashKey")
    key = int(explicit) if explicit else kinesis._partition_key_to_hash(record.get("PartitionKey", ""))
    return str(kinesis._route_to_shard(key, stream))


def _nothing_put(stream: dict[str, Any]) -> Response:
    encryption = stream.get("EncryptionType", "NONE")
    response: Response = json_response({"FailedRecordCount": 0, "Records": [], "EncryptionType": encryption})
    return response


def _message(stream: dict[str, Any], shard: str) -> str:
    return (
        f"Rate exceeded for shard {shard} in stream {stream['StreamName']} under account {get_account_id()}."
    )
