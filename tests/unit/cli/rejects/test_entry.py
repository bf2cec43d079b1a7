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


def read(body: bytes) -> list[Entry]:
    return list(entries_of(body, key="k", events="clicks"))


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
    one, two = read(gzip.compress(body) if compressed else body)
    assert (one.data, two.data) == (b"one", b"\xff")
    assert (one.reason, one.message) == ("processing_failed", "Lambda.FunctionTimedOut: took too long")
    assert one.at == NOW - timedelta(minutes=1)
    assert one.source["attemptsMade"] == 4


def test_a_failed_record_has_an_id_of_its_arrival_and_content() -> None:
    ids = [
        read(failed_object(data, arrived=arrived))[0].reject_id
        for data in (b"a", b"b")
        for arrived in (NOW, NOW + timedelta(seconds=1))
    ]
    assert len(set(ids)) == 4
    assert ids[0] == read(failed_object(b"a", arrived=NOW))[0].reject_id


@pytest.mark.parametrize(
    "body",
    [
        gate_object([{"id": "a"}])[:-9],
        b"\x1f\x8bnonsense",
        b"oops",
        b"[1]",
        b'{"id": "a"}',
        b'{"rawData": "x"}',
        b"\xff",
        gzip.compress(b'{"id": 1, "received_at": 5}'),
    ],
    ids=[
        "cut off",
        "no gzip",
        "no JSON",
        "no object",
        "half a reject",
        "half a record",
        "no text",
        "a number as id",
    ],
)
def test_a_damaged_object_is_named(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"^k holds no rejects, or is damaged"):
        read(body)
