"""Symbol tables and debugging information of compiled modules, which no program needs to run."""

from __future__ import annotations

import struct

# https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html and ch4.sheader.html, little-endian 64-bit files.
_MAGIC = b"\x7fELF\x02\x01"
_HEADER = struct.Struct("<16xHHIQQQIHHHHHH")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_NO_CONTENT = 8
_LOADED = 2


def without_symbols(data: bytes) -> bytes:
    """Fill the sections of an ELF file that are never loaded with zeros, which a zip holds in next to nothing.

    Sections keep their places, so that nothing else in the file changes. Other files are returned as they are.
    """
    if not data.startswith(_MAGIC):
        return data
    *_, offset, _, _, _, _, size, count, names = _HEADER.unpack_from(data)
    changed = bytearray(data)
    for number in range(count):
        _, kind, flags, _, start, length, *_ = _SECTION.unpack_from(data, offset + number * size)
        if number != names and kind != _NO_CONTENT and not flags & _LOADED:
            changed[start : start + length] = bytes(length)
    return bytes(changed)
