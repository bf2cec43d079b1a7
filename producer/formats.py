"""Files that people send and that hold no JSON: each is named, with the way to convert it."""

from __future__ import annotations

import re

from producer.errors import InputError

_BY_FIRST_BYTES = {
    b"PK\x03\x04": ("a zip archive", "unzip -p FILE | clickstream send -"),
    b"\x28\xb5\x2f\xfd": ("compressed with zstd", "zstd -dc FILE | clickstream send -"),
    b"BZh": ("compressed with bzip2", "bunzip2 -c FILE | clickstream send -"),
    b"\xfd7zXZ": ("compressed with xz", "xz -dc FILE | clickstream send -"),
    b"PAR1": (
        "Parquet",
        "duckdb -c \"COPY (FROM 'FILE') TO '/dev/stdout' (FORMAT json)\" | clickstream send -",
    ),
    b"Obj\x01": ("Avro", "avro cat --format json FILE | clickstream send -"),
    b"\xff\xfe": ("UTF-16 text", "iconv -f UTF-16 -t UTF-8 FILE | clickstream send -"),
    b"\xfe\xff": ("UTF-16 text", "iconv -f UTF-16 -t UTF-8 FILE | clickstream send -"),
    b"\x1f\x8b": ("compressed with gzip twice", "gunzip -c FILE | clickstream send -"),
    b"[\0": ("UTF-16 text", "iconv -f UTF-16LE -t UTF-8 FILE | clickstream send -"),
    b"\0[": ("UTF-16 text", "iconv -f UTF-16BE -t UTF-8 FILE | clickstream send -"),
    b"{\0": ("UTF-16 text", "iconv -f UTF-16LE -t UTF-8 FILE | clickstream send -"),
    b"\0{": ("UTF-16 text", "iconv -f UTF-16BE -t UTF-8 FILE | clickstream send -"),
}
_TAR_MARK = slice(257, 262)
_SEPARATORS = (b",", b";", b"\t")
_QUOTED = re.compile(rb'"[^"\n]*"')
_LINES = 4


def require_json(start: bytes) -> None:
    """Refuse input that begins as another format does.

    Args:
        start: the first bytes, decompressed.

    Raises:
        InputError: the message names the format and a command that converts it.
    """
    for first, (name, command) in _BY_FIRST_BYTES.items():
        if start.startswith(first):
            raise InputError(f"the input is {name}, and JSON is needed: {command}")
    if start[_TAR_MARK] == b"ustar":
        raise InputError("the input is a tar archive, and JSON is needed: tar -xOf FILE | clickstream send -")
    if _looks_separated(start):
        command = "mlr --icsv --ojsonl cat FILE | clickstream send -"
        raise InputError(f"the input looks like CSV, and JSON is needed: {command}")


def _looks_separated(start: bytes) -> bool:
    """True if the first lines have the same number of separators, and none begins as JSON does."""
    lines = [line.strip() for line in start.splitlines() if line.strip()][:_LINES]
    if len(lines) < 2 or any(line.startswith((b"{", b"[")) for line in lines):
        return False
    bare = [_QUOTED.sub(b"", line) for line in lines]
    counts = [{line.count(separator) for line in bare} for separator in _SEPARATORS]
    return any(len(count) == 1 and count != {0} for count in counts)
