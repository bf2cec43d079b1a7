"""Every event is packed once, in order, within the service's limits."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.checking import Event
from producer.packing import Packer, Record
from producer.target import LIMITS, Limits

SMALL = Limits(records_per_call=4, bytes_per_call=60, bytes_per_record=30, overhead_per_record=3)


def event(number: int, size: int) -> Event:
    return Event(number, str(number), b"x" * size)


def pack(packer: Packer, events: list[Event]) -> list[list[Record]]:
    calls = [call for call in (packer.add(one) for one in events) if call]
    last = packer.take()
    return [*calls, last] if last else calls


@given(st.lists(st.integers(1, 30), max_size=60), st.integers(1, 30))
def test_nothing_is_lost_duplicated_or_too_large(sizes: list[int], record_bytes: int) -> None:
    events = [event(number, size) for number, size in enumerate(sizes)]
    packer = Packer(SMALL, record_bytes=record_bytes)
    calls = pack(packer, events)
    assert [one for call in calls for record in call for one in record.events] == events
    for call in calls:
        assert 1 <= len(call) <= 4
        assert sum(len(record.data) + 3 for record in call) <= 60
        for record in call:
            assert record.data == b"\n".join(one.data for one in record.events)
            assert len(record.data) <= max(record_bytes, len(record.events[0].data))
    assert packer.is_empty
    assert packer.take() == []


def test_small_events_share_records_and_records_share_a_call() -> None:
    calls = pack(Packer(LIMITS["firehose"]), [event(number, 430) for number in range(10_000)])
    assert len(calls) == 2
    assert all(60_000 < len(record.data) <= 64 * 1024 for record in calls[0][:-1])


@pytest.mark.parametrize(("kind", "size", "records"), [("firehose", 8_000, 500), ("kinesis", 10_000, 500)])
def test_a_call_has_at_most_500_records(kind: str, size: int, records: int) -> None:
    limits = LIMITS["firehose"] if kind == "firehose" else LIMITS["kinesis"]
    calls = pack(Packer(limits, record_bytes=1), [event(number, size) for number in range(600)])
    assert [len(call) for call in calls] == [records, 600 - records]


def test_an_event_of_the_maximum_size_is_a_single_record() -> None:
    size = LIMITS["kinesis"].bytes_per_record
    calls = pack(Packer(LIMITS["kinesis"]), [event(1, 5), event(2, size), event(3, 5)])
    assert [len(record.events) for call in calls for record in call] == [1, 1, 1]


def test_a_call_is_filled_to_the_last_byte_and_not_beyond() -> None:
    # Two records of 30 bytes, each with 3 bytes of overhead; the second has two events and a newline.
    for last, calls in ((13, 1), (14, 2)):
        events = [event(1, 27), event(2, 13), event(3, last)]
        assert len(pack(Packer(SMALL, record_bytes=28), events)) == calls


def test_an_event_larger_than_a_record_is_refused() -> None:
    with pytest.raises(ValueError, match="event of 31 bytes exceeds a record of 30"):
        Packer(SMALL, record_bytes=30).add(event(1, 31))


@pytest.mark.parametrize("record_bytes", [0, 31])
def test_a_record_size_out_of_range_is_refused(record_bytes: int) -> None:
    with pytest.raises(ValueError, match=rf"must lie in 1..30 bytes, got {record_bytes}"):
        Packer(SMALL, record_bytes=record_bytes)


def test_the_documented_limits() -> None:
    assert dataclasses.astuple(LIMITS["firehose"]) == (500, 4_194_304, 1_024_000, 0)
    assert dataclasses.astuple(LIMITS["kinesis"]) == (500, 5_242_880, 1_024_000, 32)
