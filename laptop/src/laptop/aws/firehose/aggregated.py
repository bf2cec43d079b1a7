"""Records that the Kinesis Producer Library has put together into one.

Firehose takes those of a Data Stream apart before it transforms and delivers them, and leaves direct puts as they are:
https://docs.aws.amazon.com/streams/latest/dev/kpl-with-firehose.html. Their format, a message of protocol buffers:
https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

_MAGIC = bytes.fromhex("f3899ac2")
_DIGEST_BYTES = 16
_VARINT, _LENGTH_DELIMITED = 0, 2
# Fields of an AggregatedRecord, and of a Record in it.
_PARTITION_KEY, _RECORD = 1, 3
_KEY_INDEX, _DATA = 1, 3


def parts(data: bytes, partition_key: str) -> list[tuple[bytes, str]]:
    """The records in a record, with their partition keys; the record itself if it is no aggregate, or a damaged one."""
    message, digest = data[len(_MAGIC) : -_DIGEST_BYTES], data[-_DIGEST_BYTES:]
    whole = [(data, partition_key)]
    if not data.startswith(_MAGIC) or hashlib.md5(message, usedforsecurity=False).digest() != digest:
        return whole
    try:
        return list(_records(message)) or whole
    except (ValueError, IndexError):
        return whole


def _records(message: bytes) -> Iterator[tuple[bytes, str]]:
    fields = list(_fields(message))
    keys = [_bytes(value).decode() for number, value in fields if number == _PARTITION_KEY]
    for number, value in fields:
        if number == _RECORD:
            record = dict(_fields(_bytes(value)))
            index = record.get(_KEY_INDEX, 0)
            if not isinstance(index, int):
                raise ValueError(index)
            yield _bytes(record.get(_DATA, b"")), keys[index]


def _bytes(value: int | bytes) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError(value)
    return value


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message: numbers and values."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        number, kind = tag >> 3, tag & 7
        value, position = _varint(message, position)
        if kind == _VARINT:
            yield number, value
        elif kind == _LENGTH_DELIMITED:
            if position + value > len(message):
                raise ValueError("a field ends after its message")
            yield number, message[position : position + value]
            position += value
        else:
            raise ValueError(f"a field of another kind: {kind}")


def _varint(message: bytes, position: int) -> tuple[int, int]:
    number, shift = 0, 0
    while True:
        byte = message[position]
        number |= (byte & 127) << shift
        position, shift = position + 1, shift + 7
        if byte < 128:
            return number, position
