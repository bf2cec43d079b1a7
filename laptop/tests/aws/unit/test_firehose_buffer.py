"""Delivery of a buffer by size and by age, each record exactly once."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laptop.aws.firehose.buffer import Batch, Buffer, BufferingHints
from laptop.aws.firehose.record import Record
from laptop.testing.waiting import eventually

NEVER = 3600.0


class Delivered:
    """The batches that a buffer passed on."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.some = threading.Event()

    def __call__(self, batch: Batch) -> None:
        self.batches.append(batch)
        self.some.set()

    @property
    def data(self) -> list[list[bytes]]:
        return [[record.data for record in batch.records] for batch in self.batches]


def records(*data: bytes) -> list[Record]:
    return [Record(one) for one in data]


def test_a_full_buffer_is_delivered_at_once() -> None:
    delivered = Delivered()
    Buffer(BufferingHints(NEVER, size_bytes=10), delivered).add(records(b"12345", b"67890", b"rest"))
    assert delivered.data == [[b"12345", b"67890"]]


def test_a_buffer_is_delivered_when_its_first_record_reaches_the_interval() -> None:
    delivered = Delivered()
    buffer = Buffer(BufferingHints(0.05, size_bytes=1e9), delivered)
    buffer.add(records(b"a"))
    buffer.add(records(b"b"))
    assert delivered.batches == []
    assert delivered.some.wait(timeout=5)
    assert delivered.data == [[b"a", b"b"]]


def test_a_batch_has_the_arrival_of_its_oldest_record() -> None:
    delivered = Delivered()
    buffer = Buffer(BufferingHints(NEVER, size_bytes=3), delivered)
    before = time.time()
    (oldest,) = records(b"a")
    after = time.time()
    # A function may finish a later batch first.
    buffer.add([*records(b"b"), oldest, *records(b"c")])
    assert before <= delivered.batches[0].arrived <= after


def test_the_age_of_a_full_buffer_does_not_count_for_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    timers: list[Mock] = []

    def timer(*arguments: Any) -> Mock:
        timers.append(Mock(arguments=arguments))
        return timers[-1]

    monkeypatch.setattr("laptop.aws.firehose.buffer.threading.Timer", timer)
    buffer = Buffer(BufferingHints(NEVER, size_bytes=4), Delivered())
    buffer.add(records(b"full"))
    buffer.add(records(b"n"))
    first, second = timers
    assert (first.cancel.called, second.cancel.called) == (True, False)
    assert second.arguments[0] == NEVER


def test_a_delivered_batch_is_not_kept_until_the_end_of_its_interval() -> None:
    delivered = Delivered()
    Buffer(BufferingHints(NEVER, size_bytes=4), delivered).add(records(b"full"))
    batch = weakref.ref(delivered.batches.pop())
    eventually(lambda: gc.collect() is not None and batch() is None)


def test_hints_have_the_defaults_of_aws() -> None:
    assert BufferingHints.of({}) == BufferingHints(300, 5 * 1024 * 1024)
    assert BufferingHints.of(
        {"BufferingHints": {"IntervalInSeconds": 60, "SizeInMBs": 128}}
    ) == BufferingHints(60, 128 * 1024 * 1024)


def test_zero_buffering_still_collects_the_records_of_one_call() -> None:
    hints = BufferingHints.of({"BufferingHints": {"IntervalInSeconds": 0, "SizeInMBs": 1}})
    assert 0 < hints.interval_seconds < 1


@given(calls=st.lists(st.lists(st.binary(max_size=40), max_size=20), max_size=20), size=st.integers(1, 200))
def test_nothing_is_lost_duplicated_or_reordered(calls: list[list[bytes]], size: int) -> None:
    delivered = Delivered()
    buffer = Buffer(BufferingHints(NEVER, size_bytes=size), delivered)
    calls = [*calls, [bytes(size)]]  # The last record fills a buffer alone, so nothing waits after it.
    for call in calls:
        buffer.add(records(*call))
    assert [r for batch in delivered.data for r in batch] == [r for call in calls for r in call]
    assert all(batch.size >= size for batch in delivered.batches)


def test_many_threads_lose_nothing() -> None:
    delivered = Delivered()
    buffer = Buffer(BufferingHints(0.001, size_bytes=50), delivered)

    def send(sender: int) -> None:
        for number in range(200):
            buffer.add(records(f"{sender}-{number}".encode()))

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    eventually(lambda: sum(len(batch.records) for batch in list(delivered.batches)) >= 800)
    received = [record for batch in delivered.data for record in batch]
    assert sorted(received) == sorted(f"{s}-{n}".encode() for s in range(4) for n in range(200))
