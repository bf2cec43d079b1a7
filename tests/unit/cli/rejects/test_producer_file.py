"""Events that a producer refused are read from its file, with the original bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.output import CommandError
from cli.rejects.producer_file import producer_rejects
from producer.checking import Event, Reject
from producer.rejects import RejectsFile


def test_each_line_is_a_reject_with_its_original_bytes(tmp_path: Path) -> None:
    path = tmp_path / "clickstream-rejects-x.ndjson"
    with RejectsFile(path) as rejects:
        rejects.add_reject(Reject(3, "not JSON", b'\xff \\xff \xe2\x80\xa8 {"a": "\x00'))
        rejects.add_event(Event(9, "id", b'{"event_id": "1"}'), "Busy: later")
    first, second = producer_rejects([path])
    assert first.data == b'\xff \\xff \xe2\x80\xa8 {"a": "\x00'
    assert (first.reason, first.message, first.events) == ("not_sent", "not JSON", "")
    assert (first.source["line"], first.key, first.lines, second.lines) == (3, str(path), (1,), (2,))
    assert (second.source["line"], second.message) == (9, "Busy: later")
    assert first.reject_id != second.reject_id
    assert [entry.reject_id for entry in producer_rejects([path, path])][:2] == [
        first.reject_id,
        second.reject_id,
    ]


def test_what_was_cut_says_so(tmp_path: Path) -> None:
    with RejectsFile(tmp_path / "r") as rejects:
        rejects.add_reject(Reject(1, "too large", b"x" * 20_000))
    (entry,) = producer_rejects([tmp_path / "r"])
    assert entry.data == b"x" * 8192
    assert entry.message == "too large (the file has the first 8,192 of 20,000 bytes)"


@pytest.mark.parametrize(
    "line",
    [
        b"oops",
        b"[1]",
        b"null",
        b'{"line": 1}',
        b"\xff",
        b'{"line": "x", "reason": 1, "bytes": 0, "event": 5}',
    ],
)
def test_a_line_of_another_form_is_unreadable(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "r").write_bytes(b"\n" + line + b"\n")
    (entry,) = producer_rejects([tmp_path / "r"])
    assert (entry.reason, entry.data, entry.lines) == ("unreadable", line, (2,))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"cannot read --file .*nowhere: No such file") as caught:
        list(producer_rejects([tmp_path / "nowhere"]))
    assert caught.value.exit_code == 2
