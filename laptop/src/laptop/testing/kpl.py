"""Records as the Kinesis Producer Library puts them together."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def aggregate(keys: Sequence[str], records: Sequence[tuple[int, bytes]]) -> bytes:
    """One record of several, each with the index of its partition key."""
    message = b"".join(_field(1, key.encode()) for key in keys)
    message += b"".join(_field(3, _varint(8) + _varint(index) + _field(3, data)) for index, data in records)
    return bytes.fromhex("f3899ac2") + message + hashlib.md5(message, usedforsecurity=False).digest()


def _field(number: int, body: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(body)) + body


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])
