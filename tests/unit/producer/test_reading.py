"""Unreadable input is reported before anything is sent."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from producer import InputError, open_input
from producer.reading import EventInput


def refusal(file: str) -> str:
    with pytest.raises(InputError) as caught:
        open_input(file)
    return str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    assert (
        refusal(f"{tmp_path}/absent.ndjson")
        == f"cannot read {tmp_path}/absent.ndjson: no such file or directory"
    )


def test_a_directory(tmp_path: Path) -> None:
    assert "it is a directory; name a file of JSON events" in refusal(str(tmp_path))


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert refusal(f"{tmp_path}/empty") == f"no events in {tmp_path}/empty: the file is empty"


def test_a_file_is_gzip_by_content_not_by_name(tmp_path: Path) -> None:
    (tmp_path / "plain.gz").write_bytes(b'{"a":1}\n{"a":2}\n')
    (tmp_path / "packed").write_bytes(gzip.compress(b'{"a":1}\n{"a":2}\n'))
    for name in ("plain.gz", "packed"):
        with open_input(str(tmp_path / name)) as opened:
            assert [found.value["a"] for found in opened.documents() if found] == [1, 2]
            assert opened.position == opened.size == (tmp_path / name).stat().st_size


def test_a_pipe_gives_events_while_its_writer_is_still_open() -> None:
    reader, writer = os.pipe()
    with EventInput("pipe", reader) as opened:
        os.write(writer, b'{"a":1}{"a"')
        documents = opened.documents()
        first = next(documents)
        assert first is not None
        assert first.value == {"a": 1}
        assert next(documents) is None  # quiet: time to send what is there
        os.write(writer, b":2}")
        os.close(writer)
        assert [found.value for found in documents if found] == [{"a": 2}]


def test_a_failing_pipe_is_an_error_not_a_crash() -> None:
    reader, writer = os.pipe()
    os.close(writer)
    os.close(reader)
    with pytest.raises(InputError, match="cannot be read any further"):
        list(EventInput("pipe", reader).documents())
