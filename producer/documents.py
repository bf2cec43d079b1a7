"""Events in the bytes of a file or pipe: plain or gzip, one a line, in arrays, or over several lines."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator
from itertools import chain

from contract import DocumentFinder, Found
from producer.errors import InputError
from producer.formats import require_json

# Small, so that damage in a .gz affects only a few lines; also bounds the size to which one piece can expand
# (about 1,000 times).
_PIECE_BYTES = 512
# A document that is not complete is looked at again with each further piece, so decompressed pieces are joined.
_JOINED_BYTES = 64 * 1024
_GZIP_FIRST_BYTE = b"\x1f"  # no JSON starts with it
_BYTE_ORDER_MARK = "\ufeff"


def documents(chunks: Iterator[bytes | None]) -> Iterator[Found | None]:
    """Find the documents in plain or gzip `chunks`; None passes through and means "nothing new for now".

    Raises:
        InputError: the data is damaged from here on, or in another format; what was yielded is intact.
    """
    decoder, finder = codecs.getincrementaldecoder("utf-8")("surrogateescape"), DocumentFinder()
    damage, is_first = None, True
    try:
        for chunk in _decompressed(chunks):
            text = decoder.decode(chunk or b"")
            if text and is_first:
                require_json(chunk or b"")
                text, is_first = text.removeprefix(_BYTE_ORDER_MARK), False
            yield from finder.feed(text) if text else [None]
    except InputError as error:
        damage = error
    yield from finder.feed(decoder.decode(b"", final=True))
    yield from finder.close()
    if damage:
        raise damage


def _decompressed(chunks: Iterator[bytes | None]) -> Iterator[bytes | None]:
    for chunk in chunks:
        if chunk is None:
            yield None
            continue
        rest = chain([chunk], chunks)
        yield from _joined(_gunzip(rest)) if chunk.startswith(_GZIP_FIRST_BYTE) else rest
        return


def _joined(pieces: Iterator[bytes | None]) -> Iterator[bytes | None]:
    joined = bytearray()
    try:
        for piece in pieces:
            joined += piece or b""
            if piece is None or len(joined) >= _JOINED_BYTES:
                yield bytes(joined) or None
                joined.clear()
    except InputError:
        yield bytes(joined)
        raise
    yield bytes(joined)


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
