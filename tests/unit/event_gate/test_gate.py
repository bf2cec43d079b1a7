"""Events go on, one a line, whatever record they came in; everything else is a reject that costs no other event."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_gate.gate import ANSWER_BYTES, TEXT_BYTES
from tests.shapes import SHAPES
from tests.unit.event_gate.gates import GOOD, RECEIVED_AT, Harness, event, lines, request

ARRIVED = {"received_at": RECEIVED_AT}


@pytest.fixture(name="gate")
def _gate() -> Harness:
    return Harness()


@pytest.mark.parametrize(
    "record",
    [
        event() + b"\n" + event(event_id="e2"),
        event() + event(event_id="e2"),
        b"[" + event() + b", " + event(event_id="e2") + b"]",
        json.dumps([GOOD, GOOD | {"event_id": "e2"}], indent=2).encode(),
        b"\r\n\r\n".join([event(), event(event_id="e2"), b""]),
        gzip.compress(event() + b"\n") + gzip.compress(event(event_id="e2")),
        b"\xef\xbb\xbf" + event() + b"\n" + event(event_id="e2"),
    ],
    ids=["lines", "joined", "array", "pretty", "blank lines", "gzip members", "byte order mark"],
)
def test_all_events_of_a_record_go_on(gate: Harness, record: bytes) -> None:
    assert gate.lines(record) == [GOOD | ARRIVED, GOOD | {"event_id": "e2"} | ARRIVED]
    assert gate.store.kept == []
    assert gate.tally.accepted == 2


def test_each_record_is_answered_by_its_result(gate: Harness) -> None:
    answered = gate.answer(event(), b"bad", b"", event() + b"\nbad")
    assert [each["result"] for each in answered] == ["Ok", "Dropped", "Dropped", "Ok"]
    assert [len(lines(each)) for each in answered] == [1, 0, 0, 1]
    assert gate.store.texts() == [b"bad", b"bad"]


@pytest.mark.parametrize("shape", SHAPES, ids=range(len(SHAPES)))
def test_no_shape_costs_its_neighbours(gate: Harness, shape: bytes) -> None:
    before, after = event(event_id="before"), event(event_id="after")
    for_itself = gate.answer(before, shape, after)
    assert [each["result"] for each in for_itself[::2]] == ["Ok", "Ok"]
    ids = [line["event_id"] for line in gate.lines(before + b"\n" + shape + b"\n" + after)]
    assert ids == ["before", "after"]
    for text in gate.store.texts():
        assert text
        assert text in shape or json.loads(text) is not None


@given(st.lists(st.sampled_from([event(), b"bad", *SHAPES[:400]]) | st.binary(max_size=40), max_size=12))
def test_every_byte_of_a_record_is_an_event_or_a_reject(parts: list[bytes]) -> None:
    gate = Harness()
    record = b"\n".join(parts)
    accepted = len(gate.lines(record))
    assert accepted == gate.tally.accepted
    assert gate.tally.rejected.total() == len(gate.store.kept)
    assert accepted >= sum(part == event() for part in parts if not record.startswith(b"\x1f\x8b"))


def test_a_line_that_begins_an_array_does_not_swallow_the_next(gate: Harness) -> None:
    assert len(gate.lines(b"[\n" + event() + b"\n" + event())) == 2
    assert gate.lines(b'{"a": [\n' + event() + b"\n" + event())[-1]["event_id"] == "e1"


def test_unlisted_fields_are_put_into_properties(gate: Harness) -> None:
    (line,) = gate.lines(event(utm={"a": 1}, received_at="mine", properties={"b": [1.5, None]}))
    assert line == GOOD | ARRIVED | {"properties": {"b": [1.5, None], "utm": {"a": 1}, "received_at": "mine"}}
    assert gate.tally.folded == 2


@pytest.mark.parametrize("rest", [{}, {"properties": None}])
def test_properties_are_made_for_unlisted_fields(gate: Harness, rest: dict[str, Any]) -> None:
    (line,) = gate.lines(event(**rest, **{"$set": 1}))
    assert line["properties"] == {"$set": 1}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"timestamp": "2016-12-31T23:59:60Z"}, "value"),
        ({"timestamp": "yesterday"}, "contract"),
        ({"a": 10**38}, "value"),
        ({"properties": {"deep": [{"n": -(10**38)}]}}, "value"),
        ({"": 1}, "name"),
        ({"Event_ID": "x"}, "name"),
        ({"a": 1, "properties": {"a": 2}}, "name"),
        ({"page_id": "a\0b"}, "value"),
        ({"a\0b": 1}, "value"),
    ],
)
def test_what_a_row_would_not_give_back_is_a_reject(
    gate: Harness, fields: dict[str, Any], reason: str
) -> None:
    assert gate.lines(event(**fields) + b"\n" + event()) == [GOOD | ARRIVED]
    assert gate.reasons() == [reason]


@pytest.mark.parametrize("number", ["1e400", "1e-400", "0.1234567890123456789", "9007199254740993"])
def test_a_number_that_float_changes_is_a_reject(gate: Harness, number: str) -> None:
    text = event(session_duration=1).replace(
        b'"session_duration": 1', b'"session_duration": %s' % number.encode()
    )
    assert gate.lines(text) == []
    assert gate.reasons() == ["value"]


def test_odd_names_and_values_of_trackers_are_kept(gate: Harness) -> None:
    odd = {
        "$set": {"$set_once": {}},
        "$schema": "/analytics/1",
        "@id": 1,
        "*": True,
        "a.b": 1,
        " x ": [],
        "x" * 256: 1,
        "select": 1,
        "SOURCE_FILE": "mine",
        "zip": "E2 8RS",
        "Zip": 3067,
        "emoji \U0001f600": "\u2028",
        "n": 12345678901234567890123456789012345678,
    }
    (line,) = gate.lines(event(**odd))
    assert line["properties"] == odd


def test_a_record_whose_rejects_cannot_be_written_fails_and_others_do_not(gate: Harness) -> None:
    gate.store.broken = True
    answered = gate.answer(event(), event() + b"\nbad")
    assert [each["result"] for each in answered] == ["Ok", "ProcessingFailed"]
    assert "data" not in answered[1]
    assert (gate.tally.accepted, gate.tally.rejected.total()) == (1, 0)


def test_an_answer_fits_and_the_rest_is_tried_again() -> None:
    gate = Harness()
    record = event(page_id="x" * 900_000)
    answered = gate.answer(*[record] * 8)
    assert len(json.dumps(answered)) < ANSWER_BYTES + 10_000
    assert [each["result"] for each in answered] == ["Ok"] * 4 + ["ProcessingFailed"] * 4
    assert gate.tally.accepted == 4


def test_an_answer_for_many_small_records_fits() -> None:
    """Each has an entry, also those whose data is left out."""
    gate, count = Harness(), 37_000  # 3 MiB of events
    given = request(*[event()] * count)
    for number, each in enumerate(given["records"]):
        each["recordId"] = f"{number:056d}"  # as long as those of a Data Stream
    answer = gate.gate.transform(given, gate.tally)
    assert len(json.dumps(answer)) <= 6_291_556
    assert len(answer["records"]) == count
    assert gate.tally.accepted == sum(each["result"] == "Ok" for each in answer["records"]) > count / 4


def test_a_record_that_expands_beyond_an_answer_is_a_reject_and_costs_no_other(gate: Harness) -> None:
    bomb = gzip.compress(b" " * (TEXT_BYTES + 1))
    answered = gate.answer(bomb, event())
    assert [each["result"] for each in answered] == ["Dropped", "Ok"]
    assert gate.reasons() == ["too_large"]
    assert gate.store.texts() == [bomb]


def test_what_is_decompressed_in_one_call_is_limited(gate: Harness) -> None:
    packed = gzip.compress(event() + b" " * (TEXT_BYTES // 2))
    answered = gate.answer(*[packed] * 5, event())
    assert [each["result"] for each in answered] == ["Ok"] * 2 + ["ProcessingFailed"] * 3 + ["Ok"]


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (gzip.compress(event()) + b"rest", [b"rest"]),
        (gzip.compress(event()) + b"\0" * 20, []),
    ],
    ids=["other bytes", "padding"],
)
def test_bytes_after_gzip_lose_no_event(gate: Harness, data: bytes, texts: list[bytes]) -> None:
    assert gate.lines(data) == [GOOD | ARRIVED]
    assert gate.store.texts() == texts


@pytest.mark.parametrize(
    "data",
    [gzip.compress(event())[:-9], gzip.compress(event() * 50)[:-30] + b"\xff" * 30],
    ids=["cut off", "overwritten"],
)
def test_a_damaged_record_is_one_reject(gate: Harness, data: bytes) -> None:
    assert gate.lines(data) == []
    assert gate.reasons() == ["damaged"]
    assert gate.store.texts() == [data]


def test_canaries_pass_any_contract(gate: Harness) -> None:
    canary = event(event_type="_canary")
    assert len(gate.lines(canary)) == 1
    assert gate.lines(event(event_type="_canary", timestamp="2016-12-31T23:59:60Z")) == []
