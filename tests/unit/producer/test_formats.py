"""Files in other formats are named once, with a command that converts them; JSON never is."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer import InputError
from producer.documents import documents
from producer.formats import require_json

EVENT = b'{"event_id": "e1", "list": [1, 2]}\n'


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("events.ndjson", EVENT)
    return buffer.getvalue()


def tarred() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo("events.ndjson")
        entry.size = len(EVENT)
        archive.addfile(entry, io.BytesIO(EVENT))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "command"),
    [
        (zipped(), "is a zip archive", "unzip -p FILE"),
        (tarred(), "is a tar archive", "tar -xOf FILE"),
        (gzip.compress(tarred()), "is a tar archive", "tar -xOf FILE"),
        (gzip.compress(gzip.compress(EVENT)), "is compressed with gzip twice", "gunzip -c FILE"),
        (b"\x28\xb5\x2f\xfd\x00", "is compressed with zstd", "zstd -dc FILE"),
        (bz2.compress(EVENT), "is compressed with bzip2", "bunzip2 -c FILE"),
        (lzma.compress(EVENT), "is compressed with xz", "xz -dc FILE"),
        (b"PAR1\x15\x04", "is Parquet", "duckdb -c"),
        (b"Obj\x01\x04", "is Avro", "avro cat"),
        (EVENT.decode().encode("utf-16"), "is UTF-16 text", "iconv -f UTF-16 -t UTF-8 FILE"),
        (b"\xfe\xff" + EVENT.decode().encode("utf-16-be"), "is UTF-16 text", "iconv -f UTF-16 -t UTF-8 FILE"),
        (EVENT.decode().encode("utf-16-le"), "is UTF-16 text", "iconv -f UTF-16LE -t UTF-8 FILE"),
        ("[1]".encode("utf-16-be"), "is UTF-16 text", "iconv -f UTF-16BE -t UTF-8 FILE"),
        (b"event_id,event_type\ne1,click\ne2,click\n", "looks like CSV", "mlr --icsv --ojsonl cat FILE"),
        (b'id;data\r\n1;"{""a"": [1,2]}"\r\n2;"{""b"": ""x;y""}"\r\n', "looks like CSV", "mlr"),
        (b"id\ttype\n\n1\tclick\n", "looks like CSV", "mlr"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_another_format_is_named_once_with_the_command(data: bytes, name: str, command: str) -> None:
    with pytest.raises(InputError) as caught:
        list(documents(iter([data])))
    said = str(caught.value)
    assert said.startswith(f"the input {name}, and JSON is needed: ")
    assert command in said
    assert said.endswith(" | clickstream send -")


@pytest.mark.parametrize(
    "start",
    [
        b"",
        EVENT * 3,
        json.dumps([{"a": 1, "b": 2}] * 3, indent=1).encode(),
        b"oops, not JSON\nanother, line, of a log\n" + EVENT,
        b"a, b\n" + EVENT,
        b"1\n2\n3\n",
        b'"a, b"\n"c, d"\n',
        b"one,line\n",
    ],
)
def test_no_false_alarm(start: bytes) -> None:
    require_json(start)


VALUES = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    st.lists(st.dictionaries(st.text(), VALUES), min_size=1),
    st.sampled_from([None, 0, 1, "\t"]),
    st.booleans(),
)
def test_json_is_never_taken_for_another_format(
    events: list[dict[str, object]], indent: int | str | None, array: bool
) -> None:
    text = (
        json.dumps(events, indent=indent)
        if array
        else "\n".join(json.dumps(one, indent=indent) for one in events)
    )
    require_json(text.encode())
