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
    assert "it is a directory; name a file of events" in refusal(str(tmp_path))


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert refusal(f"{tmp_path}/empty") == f"no events in {tmp_path}/empty: the file is empty"


def test_a_file_is_gzip_by_content_not_by_name(tmp_path: Path) -> None:
    (tmp_path / "plain.gz").write_bytes(b"a\nb\n")
    (tmp_path / "packed").write_bytes(gzip.compress(b"a\nb\n"))
    for name in ("plain.gz", "packed"):
        with open_input(str(tmp_path / name)) as opened:
            assert [line.data for line in opened.lines() if line] == [b"a", b"b"]
            assert opened.position == opened.size == (tmp_path / name).stat().st_size


def test_a_pipe_gives_lines_while_its_writer_is_still_open() -> None:
    reader, writer = os.pipe()
    with EventInput("pipe", reader) as opened:
        os.write(writer, b"first\nsec")
        lines = opened.lines()
        first = next(lines)
        assert first is not None
        assert first.data == b"first"
        assert next(lines) is None  # quiet: time to send what is there
        os.write(writer, b"ond\n")
        os.close(writer)
        assert [line.data for line in lines if line] == [b"second"]


def test_a_failing_pipe_is_an_error_not_a_crash() -> None:
    reader, writer = os.pipe()
    os.close(writer)
    os.close(reader)
    with pytest.raises(InputError, match="cannot be read any further"):
        list(EventInput("pipe", reader).lines())
