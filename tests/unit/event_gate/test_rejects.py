"""Rejects keep the original bytes, and a name that stays the same when Firehose repeats a call."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from event_gate.rejects import RejectStore
from tests.unit.event_gate.gates import RECEIVED_AT, Harness, event, request


class Bucket:
    """S3 with the one call that the store makes."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_object(self, **given: Any) -> None:
        assert given["Bucket"] == "lake"
        self.objects[given["Key"]] = given["Body"]


def stored(gate: Harness) -> tuple[str, list[dict[str, Any]]]:
    bucket = Bucket()
    RejectStore(bucket, "lake", "rejects/clicks/").keep(gate.store.kept, "clicks")
    ((key, body),) = bucket.objects.items()
    return key, [json.loads(line) for line in gzip.decompress(body).splitlines()]


@pytest.mark.parametrize("kinesis", [True, False])
def test_a_repeated_call_writes_the_same_object(kinesis: bool) -> None:
    first, again = Harness(), Harness()
    for gate in (first, again):
        gate.answer(b"bad\n\xff\xfe\n" + event(), b"bad", b"bad", kinesis=kinesis)
    assert stored(first) == stored(again)
    ids = [entry["id"] for entry in stored(first)[1]]
    assert len(set(ids)) == len(ids) == 4


def test_an_entry_has_all_there_is_to_know() -> None:
    gate = Harness()
    gate.answer(b'\xff{"a": 1}', kinesis=True)
    key, (entry,) = stored(gate)
    assert key.startswith("rejects/clicks/dt=2026-11-22/hh=10/")
    assert entry["text"].encode("utf-8", "surrogateescape") == b'\xff{"a": 1}'
    assert entry | {"text": ""} == {
        "id": "shardId-000000000001:49570::31c5491b:0",
        "events": "clicks",
        "reason": "not_utf8",
        "message": "not UTF-8 text: 0xff at byte 1",
        "received_at": RECEIVED_AT,
        "source": {"shardId": "shardId-000000000001", "sequenceNumber": "49570", "subsequenceNumber": ""},
        "text": "",
    }


def test_records_of_an_aggregate_that_share_a_place_have_names_of_their_own() -> None:
    gate = Harness()
    for data in (b"one", b"two", b"one"):  # requests of one record each: all have the same place
        gate.answer(data, kinesis=True)
    one, two, again = (reject.reject_id for reject in gate.store.kept)
    assert one != two
    assert one == again


def test_records_put_directly_have_a_name_by_content_and_arrival() -> None:
    one, later = Harness(), Harness()
    one.answer(b"bad")
    later.answer(b"bad", arrived=1)
    assert one.store.kept[0].reject_id != later.store.kept[0].reject_id


def test_a_request_without_records_writes_nothing() -> None:
    gate = Harness()
    assert gate.gate.transform(request(), gate.tally) == {"records": []}
    assert gate.store.kept == []
