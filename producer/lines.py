"""Split chunks of bytes into lines of events, in bounded memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from producer.errors import InputError

# Twice the largest record: enough to detect a line that is too long without keeping all of it.
_KEPT_BYTES = 2 * 1024**2
# Small, so that damage in a .gz affects only a few lines; also bounds the size to which one piece can expand
# (about 1,000 times).
_PIECE_BYTES = 512
_GZIP_FIRST_BYTE = b"\x1f"  # no line of JSON starts with it


class Line(NamedTuple):
    """One line as it was read; `size` includes bytes that were too many to keep in `data`."""

    number: int
    data: bytes
    size: int


def split_lines(chunks: Iterator[bytes | None]) -> Iterator[Line | None]:
    """Number the lines of plain or gzip `chunks`; None passes through and means "nothing new for now"."""
    number, head, dropped = 0, b"", 0
    for chunk in _decompressed(chunks):
        if chunk is None:
            yield None
            continue
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            number += 1
            data = head + part if head else part
            yield Line(number, data, len(data) + dropped)
            head, dropped = b"", 0
        room = _KEPT_BYTES - len(head)
        head += rest[:room]
        dropped += len(rest[room:])
    if head:
        yield Line(number + 1, head, len(head) + dropped)


def _decompressed(chunks: Iterator[bytes | None]) -> Iterator[bytes | None]:
    for chunk in chunks:
        if chunk is None:
            yield None
            continue
        rest = chain([chunk], chunks)
        yield from _gunzip(rest) if chunk.startswith(_GZIP_FIRST_BYTE) else rest
        return


def _gunzip(chunks: Iterator[bytes | None]) -> Iterator[bytes | None]:
    member = None
    for chunk in chunks:
        if chunk is None:
            yield None
            continue
        for start in range(0, len(chunk), _PIECE_BYTES):
            piece = chunk[start : start + _PIECE_BYTES]
            while piece:
                if member is None:
                    piece = piece.lstrip(b"\0")  # padding after a member is legal
                    member = zlib.decompressobj(wbits=31) if piece else None
                    continue
                yield _inflate(member, piece)
                piece = member.unused_data
                member = None if member.eof else member
    if member is not None:
        raise InputError("the gzip data ends too early")


def _inflate(member: zlib._Decompress, piece: bytes) -> bytes:
    try:
        return member.decompress(piece)
    except zlib.error as error:
        raise InputError(f"the gzip data is corrupt ({error})") from error
