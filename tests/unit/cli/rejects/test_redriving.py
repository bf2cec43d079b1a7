"""Each selected reject is sent once, one a record; only objects that were sent whole are marked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from cli.rejects.lake import RejectLake
from cli.rejects.redriving import Outcome, Redrive
from cli.rejects.selection import Selection
from config.files import load_config
from producer import LIMITS, RetryPolicy, TargetError
from producer.service import Refusal, Service
from tests.unit.cli.rejects.lakes import NOW, Bucket, failed_object, gate_object

CLICKS = load_config("dev").event_stream("clicks")
FOLDER, FAILED = "rejects/clicks/dt=2026-11-22/hh=10/", "errors/clicks/processing-failed/dt=2026-11-22/"
BUSY = Refusal("ProvisionedThroughputExceededException", "slow down")
FAST = RetryPolicy(attempts=2, base_seconds=0.0001, cap_seconds=0.001, total_seconds=10)


class Stream:
    """Takes records, but those that are listed."""

    def __init__(self, *refused: bytes) -> None:
        self._refused = refused
        self.taken: list[bytes] = []
        self.calls = 0

    def put(self, records: Sequence[bytes]) -> list[Refusal | None]:
        self.calls += 1
        self.taken += [data for data in records if data not in self._refused]
        return [BUSY if data in self._refused else None for data in records]


def redrive(
    bucket: Bucket,
    stream: Service | None,
    *,
    again: bool = False,
    stop: threading.Event | None = None,
    on_progress: Callable[[str], None] = lambda text: None,
    **choice: Any,
) -> Outcome:
    lake, outcome = RejectLake(bucket, "lake"), Outcome()
    selection = Selection(**{"since": NOW - timedelta(hours=1), **choice})
    Redrive(
        lake,
        stream,
        LIMITS["kinesis"],
        selection=selection,
        again=again,
        stop=stop or threading.Event(),
        outcome=outcome,
        retry=FAST,
    ).of(lake.objects([CLICKS], selection.since, NOW), on_progress)
    return outcome


def marked(bucket: Bucket) -> list[str]:
    return sorted(key for key, tags in bucket.tags.items() if any(tag["Key"] == "redriven" for tag in tags))


def two_objects() -> Bucket:
    bucket = Bucket()
    bucket.put(
        f"{FOLDER}a",
        gate_object([{"id": "1", "text": "one\n"}, {"id": "2", "text": "\udcff", "reason": "value"}]),
    )
    bucket.put(f"{FAILED}b", failed_object(b'{"whole": "record"}\n{"of": 2}'))
    return bucket


def test_original_bytes_are_sent_and_whole_objects_marked() -> None:
    bucket, stream = two_objects(), Stream()
    outcome = redrive(bucket, stream)
    assert sorted(stream.taken) == sorted([b"one\n", b"\xff", b'{"whole": "record"}\n{"of": 2}'])
    assert (outcome.sent, len(outcome.found), outcome.is_complete) == (3, 3, True)
    assert marked(bucket) == [f"{FAILED}b", f"{FOLDER}a"]


def test_marked_objects_are_left_out_unless_again() -> None:
    bucket = two_objects()
    redrive(bucket, Stream())
    second, third = Stream(), Stream()
    outcome = redrive(bucket, second)
    assert (second.taken, outcome.sent, len(outcome.before), outcome.is_complete) == ([], 0, 3, True)
    assert redrive(bucket, third, again=True).sent == len(third.taken) == 3


@pytest.mark.parametrize(
    ("choice", "sent", "marks"),
    [
        ({"reason": "value"}, [b"\xff"], []),
        ({"ids": frozenset({"1"})}, [b"one\n"], []),
        ({"ids": frozenset({"1", "2"})}, [b"one\n", b"\xff"], [f"{FOLDER}a"]),
        ({"reason": "processing_failed"}, [b'{"whole": "record"}\n{"of": 2}'], [f"{FAILED}b"]),
        ({"reason": "contract"}, [], []),
        ({"since": NOW}, [], []),
    ],
)
def test_only_selected_rejects_are_sent(choice: dict[str, Any], sent: list[bytes], marks: list[str]) -> None:
    bucket, stream = two_objects(), Stream()
    redrive(bucket, stream, **choice)
    assert (stream.taken, marked(bucket)) == (sent, marks)


def test_copies_are_sent_once_and_their_objects_marked() -> None:
    bucket, stream = Bucket(), Stream()
    bucket.put(f"{FOLDER}a", gate_object([{"id": "1", "text": "one"}]))
    bucket.put(f"{FOLDER}b", gate_object([{"id": "1", "text": "one"}, {"id": "2", "text": "two"}]))
    bucket.put(f"{FOLDER}c", gate_object([{"id": "1", "text": "one"}]))
    outcome = redrive(bucket, stream)
    assert (stream.taken, outcome.sent) == ([b"one", b"two"], 2)
    assert marked(bucket) == [f"{FOLDER}a", f"{FOLDER}b", f"{FOLDER}c"]


def test_a_dry_run_changes_nothing() -> None:
    bucket = two_objects()
    outcome = redrive(bucket, None)
    assert (outcome.sent, len(outcome.found), marked(bucket)) == (3, 3, [])


def test_what_the_stream_refuses_is_listed_and_its_object_not_marked() -> None:
    bucket, stream = two_objects(), Stream(b"one\n")
    outcome = redrive(bucket, stream)
    assert outcome.failed == [("1", f"offered 2 times, last answer: {BUSY}")]
    assert (outcome.sent, outcome.stopped, outcome.is_complete) == (2, None, False)
    assert marked(bucket) == [f"{FAILED}b"]


def test_a_stream_that_accepts_nothing_ends_the_redrive() -> None:
    bucket, stream = Bucket(), Stream(*(b"%04d" % number for number in range(2_000)))
    for number in range(0, 2_000, 100):
        bucket.put(
            f"{FOLDER}{number:04d}",
            gate_object([{"id": f"{one:04d}", "text": f"{one:04d}"} for one in range(number, number + 100)]),
        )
    outcome = redrive(bucket, stream)
    assert stream.calls == 2
    assert outcome.stopped is not None
    assert "the stream accepts nothing" in outcome.stopped
    assert len(outcome.failed) == len(outcome.found) < 2_000


def test_a_missing_stream_ends_the_redrive_at_once() -> None:
    class Missing:
        def put(self, records: Sequence[bytes]) -> list[Refusal | None]:
            raise TargetError("no such stream")

    outcome = redrive(two_objects(), Missing())
    assert outcome.stopped == "no such stream"
    assert [reason for _, reason in outcome.failed] == ["no such stream"] * 3


def test_what_is_too_large_for_the_stream_is_listed() -> None:
    bucket, stream = Bucket(), Stream()
    bucket.put(
        f"{FOLDER}a",
        gate_object([{"id": "big", "text": "x" * 1_024_001}, {"id": "fits", "text": "x" * 1_024_000}]),
    )
    outcome = redrive(bucket, stream)
    assert outcome.failed == [
        ("big", "too large for the stream: 1,024,001 bytes, and a record has at most 1,024,000")
    ]
    assert [len(data) for data in stream.taken] == [1_024_000]
    assert marked(bucket) == []


def test_a_stop_request_ends_between_objects_and_marks_what_was_sent() -> None:
    bucket, stream, stop = Bucket(), Stream(), threading.Event()
    for name in "abc":
        bucket.put(f"{FOLDER}{name}", gate_object([{"id": name, "text": name}]))
    outcome = redrive(bucket, stream, stop=stop, on_progress=lambda text: stop.set())
    assert (stream.taken, outcome.sent) == ([b"a"], 1)
    assert marked(bucket) == [f"{FOLDER}a"]


def test_an_object_that_cannot_be_marked_is_said() -> None:
    bucket, stream = two_objects(), Stream()
    bucket.refused = {"PutObjectTagging"}
    outcome = redrive(bucket, stream)
    assert (outcome.sent, len(outcome.unmarked), outcome.is_complete) == (3, 2, False)
    assert "s3:PutObjectTagging" in outcome.unmarked[0]


def test_records_are_sent_in_full_calls() -> None:
    bucket, stream = Bucket(), Stream()
    bucket.put(
        f"{FOLDER}a", gate_object([{"id": str(number), "text": f"{number:04d}"} for number in range(1_200)])
    )
    redrive(bucket, stream)
    assert (len(stream.taken), stream.calls) == (1_200, 3)
