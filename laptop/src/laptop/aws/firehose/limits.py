"""Requests that Firehose refuses: too large, empty, or sent to the wrong kind of stream."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

MAX_RECORDS_PER_BATCH = 500
MAX_BATCH_BYTES = 4 * 1024 * 1024
MAX_RECORD_BYTES = 1000 * 1024


class RefusedError(Exception):
    """A request that AWS would answer with an error; `code` is AWS's name for it."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def check_direct_put(stream_type: str) -> None:
    """Refuse a put to a stream that reads from Kinesis."""
    if stream_type != "DirectPut":
        raise RefusedError(
            "InvalidArgumentException",
            f"This operation is not permitted on {stream_type} delivery stream type.",
        )


def decoded_record(record: dict[str, Any]) -> bytes:
    """The payload of a PutRecord request, within AWS's size."""
    payload = _decoded(record)
    if len(payload) > MAX_RECORD_BYTES:
        raise _too_long("record.data", MAX_RECORD_BYTES)
    return payload


def decoded_batch(records: Sequence[dict[str, Any]]) -> list[bytes]:
    """The payloads of a PutRecordBatch request, within AWS's sizes."""
    if not records:
        raise RefusedError(
            "ValidationException",
            "1 validation error detected: Value '[]' at 'records' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1",
        )
    if len(records) > MAX_RECORDS_PER_BATCH:
        raise _too_long("records", MAX_RECORDS_PER_BATCH)
    payloads = [_decoded(record) for record in records]
    for number, payload in enumerate(payloads, start=1):
        if len(payload) > MAX_RECORD_BYTES:
            raise _too_long(f"records.{number}.member.data", MAX_RECORD_BYTES)
    if sum(map(len, payloads)) > MAX_BATCH_BYTES:
        raise RefusedError("InvalidArgumentException", "Records size exceeds 4 MB limit")
    return payloads


def _decoded(record: dict[str, Any]) -> bytes:
    try:
        return base64.b64decode(record.get("Data", ""), validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise RefusedError("SerializationException", "Record data is not base64.") from error


def _too_long(member: str, limit: int) -> RefusedError:
    return RefusedError(
        "ValidationException",
        f"1 validation error detected: Value at '{member}' failed to satisfy constraint: "
        f"Member must have length less than or equal to {limit}",
    )
