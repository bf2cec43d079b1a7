"""Current size limits of a Kinesis stream; MiniStack still has those from before October 2025."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import kinesis

Response = tuple[int, dict[str, str], bytes]
Record = dict[str, Any]
Handler = Callable[[dict[str, Any]], Response]

MAX_REQUEST_BYTES = 10 * 1024 * 1024
# For a stream whose MaxRecordSizeInKiB was never raised; data and partition key count together.
MAX_RECORD_BYTES = 1024 * 1024
# MiniStack's own limit per request.
_PART_BYTES = 5 * 1024 * 1024


def install() -> None:
    """Check sizes before MiniStack sees a put."""
    kinesis._put_record = _checked_put_record(kinesis._put_record)
    kinesis._put_records = _checked_put_records(kinesis._put_records)


def _checked_put_record(put: Handler) -> Handler:
    def checked(data: dict[str, Any]) -> Response:
        return _too_large_record([data]) or put(data)

    return checked


def _checked_put_records(put: Handler) -> Handler:
    def checked(data: dict[str, Any]) -> Response:
        records: list[Record] = data.get("Records") or []
        total = sum(map(size, records))
        if total > MAX_REQUEST_BYTES:
            return _refusal("Records size exceeds 10 MB limit")
        refused = _too_large_record(records)
        if refused or total <= _PART_BYTES or len(records) > 500:
            return refused or put(data)
        return _merged([put({**data, "Records": part}) for part in _parts(records, _PART_BYTES)])

    return checked


def _too_large_record(records: list[Record]) -> Response | None:
    for number, record in enumerate(records, start=1):
        length = size(record)
        if length > MAX_RECORD_BYTES:
            return _refusal(
                f"Record {number} is {length} bytes with its partition key, more than the {MAX_RECORD_BYTES} "
                "this stream takes."
            )
    return None


def size(record: Record) -> int:
    """Bytes of a record, with its partition key."""
    return len(base64.b64decode(record.get("Data") or "")) + len(str(record.get("PartitionKey", "")).encode())


def _parts(records: list[Record], part_bytes: int) -> Iterator[list[Record]]:
    part: list[Record] = []
    gathered = 0
    for record in records:
        if part and gathered + size(record) > part_bytes:
            yield part
            part, gathered = [], 0
        part.append(record)
        gathered += size(record)
    yield part


def _merged(responses: list[Response]) -> Response:
    for response in responses:
        if response[0] >= 400:
            return response
    answers = [json.loads(body) for _, _, body in responses]
    merged: Response = json_response(
        {
            "FailedRecordCount": sum(answer["FailedRecordCount"] for answer in answers),
            "Records": [record for answer in answers for record in answer["Records"]],
            "EncryptionType": answers[0]["EncryptionType"],
        }
    )
    return merged


def _refusal(message: str) -> Response:
    response: Response = error_response_json("InvalidArgumentException", message, 400)
    return response
