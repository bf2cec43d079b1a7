"""Objects of both folders are read, with the original bytes of each reject."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cli.rejects.entry import Entry, entries_of
from contract import Flaw, Reason
from event_gate.record import Record
from event_gate.rejects import Reject, RejectStore
from tests.unit.cli.rejects.lakes import NOW, failed_object, gate_object


def read(body: bytes, failure: str = "") -> list[Entry]:
    return list(entries_of(body, key="k", events="clicks", written=NOW, failure=failure))


@pytest.mark.parametrize(
    "data", [b"oops", b"\xff\x1f\x8b\0", "é😀".encode() + b"\xf0\x9f", b'{"a": "\\ud800"}', b""]
)
def test_what_the_gate_writes_is_read_with_its_original_bytes(data: bytes) -> None:
    class Kept:
        body = b""

        def put_object(self, **request: Any) -> None:
            self.body = request["Body"]

    kept = Kept()
    record = Record("r", data, 1_795_342_530_123, {"shardId": "s", "sequenceNumber": "7"}, "s:7")
    text = data.decode("utf-8", "surrogateescape")
    flaws = [Flaw(Reason.NOT_JSON, "not JSON"), Flaw(Reason.VALUE, "too long")]
    RejectStore(kept, "b", "rejects/").keep([Reject(record, 2, text, flaws)], "clicks")
    (entry,) = read(kept.body)
    assert entry == Entry(
        reject_id="s:7:2",
        at=datetime(2026, 11, 22, 10, 15, 30, 123_000, tzinfo=UTC),
        events="clicks",
        reason="not_json",
        message="not JSON; too long",
        source={"shardId": "s", "sequenceNumber": "7"},
        data=data,
        key="k",
        lines=(1,),
    )


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("delimiter", [b"\n", b""])
def test_what_firehose_writes_is_read_compressed_or_not(compressed: bool, delimiter: bytes) -> None:
    body = failed_object(b"one", b"\xff").replace(b"\n", delimiter)
    one, two = read(gzip.compress(body) if compressed else body, "processing-failed")
    assert (one.data, two.data) == (b"one", b"\xff")
    assert (one.reason, one.message) == ("processing_failed", "Lambda.FunctionTimedOut: took too long")
    assert one.at == NOW - timedelta(minutes=1)
    assert one.source["attemptsMade"] == 4


def test_a_failed_record_has_an_id_of_its_arrival_and_content() -> None:
    ids = [
        read(failed_object(data, arrived=arrived), "processing-failed")[0].reject_id
        for data in (b"a", b"b")
        for arrived in (NOW, NOW + timedelta(seconds=1))
    ]
    assert len(set(ids)) == 4
    assert ids[0] == read(failed_object(b"a", arrived=NOW), "processing-failed")[0].reject_id


GOOD = gate_object([{"id": "a"}, {"id": "b"}])


@pytest.mark.parametrize(
    ("body", "good", "damaged"),
    [
        pytest.param(GOOD[:-9], ["a", "b"], [GOOD[:-9]], id="cut off"),
        pytest.param(b"\x1f\x8bnonsense", [], [b"\x1f\x8bnonsense"], id="no gzip"),
        pytest.param(GOOD + b"rest", ["a", "b"], [b"rest"], id="more than gzip"),
        pytest.param(GOOD + gzip.compress(b"oops"), ["a", "b"], [b"oops"], id="two members"),
        pytest.param(b"oops", [], [b"oops"], id="no JSON"),
        pytest.param(b"[1]", [], [b"[1]"], id="no object"),
        pytest.param(b'{"id": "a"}', [], [b'{"id": "a"}'], id="half a reject"),
        pytest.param(b"\xff", [], [b"\xff"], id="no text"),
        pytest.param(b"[" * 100_000, [], None, id="too deep"),
        pytest.param(gzip.compress(b'{"id": 1, "received_at": 5}'), [], None, id="values of other types"),
        pytest.param(b"", [], [], id="empty"),
    ],
)
def test_what_cannot_be_read_is_an_entry_of_its_own(
    body: bytes, good: list[str], damaged: list[bytes] | None
) -> None:
    entries = read(body)
    assert [entry.reject_id for entry in entries if entry.reason != "unreadable"] == good
    lost = [entry for entry in entries if entry.reason == "unreadable"]
    assert damaged is None or [entry.data for entry in lost] == damaged
    assert [entry.lines for entry in entries] == [(number + 1,) for number in range(len(entries))]
    assert all(entry.at == NOW and entry.message for entry in lost)


@pytest.mark.parametrize("failure", ["format-conversion-failed", "a-type-to-come"])
def test_other_types_of_error_are_reasons(failure: str) -> None:
    known, other, text = read(failed_object(b"one") + b'{"unknown": "form"}\nplain text\n', failure)
    assert {entry.reason for entry in (known, other, text)} == {failure.replace("-", "_")}
    assert (known.data, other.data, text.data) == (b"one", b'{"unknown": "form"}', b"plain text")
    assert (known.at, other.at) == (NOW - timedelta(minutes=1), NOW)
    assert other.message == f"{failure}: of a form that is not known"
