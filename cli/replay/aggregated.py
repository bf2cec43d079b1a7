"""Records that the Kinesis Producer Library has put together into one.

Firehose takes those of a Data Stream apart, and leaves direct puts as they are, so a delivery stream gets them apart:
https://docs.aws.amazon.com/streams/latest/dev/kpl-with-firehose.html. Their format, a message of protocol buffers:
https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

_MAGIC, _DIGEST_BYTES = bytes.fromhex("f3899ac2"), 16
# The field `records` of an AggregatedRecord, and `data` of a Record in it.
_RECORDS, _DATA = 3, 3


def apart(data: bytes) -> list[bytes]:
    """The records in a record; the record itself if it is no aggregate, or a damaged one."""
    message, digest = data[len(_MAGIC) : -_DIGEST_BYTES], data[-_DIGEST_BYTES:]
    if not data.startswith(_MAGIC) or hashlib.md5(message, usedforsecurity=False).digest() != digest:
        return [data]
    try:
        records = [value for number, value in _fields(message) if number == _RECORDS]
        return [dict(_fields(record)).get(_DATA, b"") for record in records] or [data]
    except (ValueError, IndexError):
        return [data]


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields of a message that are bytes, with their numbers."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        size, position = _varint(message, position)
        match tag & 7:
            case 0:  # a number, which was read as the size
                continue
            case 2 if position + size <= len(message):
                yield tag >> 3, message[position : position + size]
                position += size
            case _:
                raise ValueError("no AggregatedRecord")


def _varint(message: bytes, position: int) -> tuple[int, int]:
    number, shift = 0, 0
    while True:
        byte = message[position]
        number |= (byte & 127) << shift
        position, shift = position + 1, shift + 7
        if byte < 128:
            return number, position
