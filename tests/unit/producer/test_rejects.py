"""Every reject is recorded, and the file's existing contents are kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from producer import Event, InputError, Reject, RejectsFile


def entries(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_without_rejects_there_is_no_file(tmp_path: Path) -> None:
    with RejectsFile(tmp_path / "r.ndjson"):
        pass
    assert not (tmp_path / "r.ndjson").exists()


def test_a_reject_is_kept_with_number_reason_and_size(tmp_path: Path) -> None:
    with RejectsFile(tmp_path / "r.ndjson") as rejects:
        rejects.add_reject(Reject(3, "not JSON", b'{"a": "\xff \xe2\x80\xa8 \x00'))
    assert entries(tmp_path / "r.ndjson") == [
        {"line": 3, "reason": "not JSON", "bytes": 14, "event": '{"a": "\udcff \u2028 \x00'}
    ]


def test_long_rejects_are_cut_but_events_are_kept_whole(tmp_path: Path) -> None:
    data = b'{"a": "' + b"x" * 20_000 + b'"}'
    with RejectsFile(tmp_path / "r.ndjson") as rejects:
        rejects.add_reject(Reject(1, "too large", data))
        rejects.add_event(Event(2, "id", data), "Busy: later")
    cut, whole = entries(tmp_path / "r.ndjson")
    assert cut["event"] == data.decode()[:8192] + "…"
    assert whole == {"line": 2, "reason": "Busy: later", "bytes": len(data), "event": data.decode()}


def test_the_first_reasons_can_be_shown(tmp_path: Path) -> None:
    with RejectsFile(tmp_path / "r.ndjson") as rejects:
        rejects.add_event(Event(1, "id", b"{}"), "Busy: later")
        for number in (2, 3, 4):
            rejects.add_reject(Reject(number, "no", b"x"))
    assert rejects.first == [(1, "Busy: later"), (2, "no"), (3, "no")]


def test_runs_add_to_the_file(tmp_path: Path) -> None:
    for number in (1, 2):
        with RejectsFile(tmp_path / "r.ndjson") as rejects:
            rejects.add_reject(Reject(number, "no", b"x"))
    assert [entry["line"] for entry in entries(tmp_path / "r.ndjson")] == [1, 2]


def test_an_unwritable_path_is_reported_at_once(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent" / "r.ndjson"):
        with pytest.raises(InputError, match="cannot write rejects to"):
            RejectsFile(path)
