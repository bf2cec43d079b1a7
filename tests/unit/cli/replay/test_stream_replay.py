"""Records of a Data Stream that are put into another, each at least once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from cli.output import CommandError
from cli.replay import stream_replay
from cli.replay.checkpoint import Checkpoint
from cli.replay.stream_replay import StreamReplay
from cli.replay.stream_source import StreamSource
from laptop.testing.kpl import aggregate
from producer.delivery import RetryPolicy
from producer.target import LIMITS, Limits, Target
from tests.unit.cli.replay.streams import (
    ARN,
    START,
    ExpiredIteratorError,
    Kinesis,
    Sink,
    ThrottledError,
)

RECORDS = [f"{number:02}".encode() for number in range(10)]
TWO = replace(LIMITS["kinesis"], records_per_call=2)


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_replay, "_PAUSE_SECONDS", 0)


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "checkpoint.json"


def put(
    kinesis: Kinesis,
    sink: Sink | None,
    path: Path,
    *,
    limits: Limits = TWO,
    since: datetime | None = None,
    until: datetime | None = None,
    unpack: bool = False,
) -> StreamReplay:
    kept = Checkpoint.open(path, ARN, "the front door", until)
    one = StreamReplay(
        kinesis,
        ARN,
        sink,
        limits,
        kept,
        since=since,
        unpack=unpack,
        stop=Event(),
        retry=RetryPolicy(attempts=1),
    )
    one.run(one.shards(), lambda _: None)
    return one


def test_all_shards_are_read_to_their_end(path: Path) -> None:
    """A shard that was split ends before the stream does."""
    sink, kinesis = Sink(), Kinesis({"old": RECORDS[:4], "a": RECORDS[4:], "b": []}, closed={"old"})
    one = put(kinesis, sink, path)
    assert sink.all == RECORDS
    assert max(map(len, sink.taken)) <= 2
    assert (one.outcome.read, one.outcome.sent, one.outcome.stopped) == (10, 10, None)
    assert set(one.outcome.behind.values()) == {0}
    assert json.loads(path.read_text())["shards"] == {"old": "3", "a": "5"}
    again = put(kinesis, sink, path)
    assert (again.outcome.read, sink.all) == (0, RECORDS)


def test_an_interrupted_replay_repeats_at_most_one_call(path: Path) -> None:
    kinesis, first, second = Kinesis({"s": RECORDS}), Sink(accepts=3), Sink()
    stopped = put(kinesis, first, path)
    assert "ServiceUnavailable: later" in str(stopped.outcome.stopped)
    put(kinesis, second, path)
    assert first.all + second.all == RECORDS


def test_a_dry_run_puts_nothing_and_keeps_no_checkpoint(path: Path) -> None:
    assert put(Kinesis({"s": RECORDS}), None, path).outcome.sent == 10
    assert not path.exists()


def test_a_part_is_chosen_by_arrival(path: Path) -> None:
    sink = Sink()
    since, until = START + timedelta(seconds=2), START + timedelta(seconds=5)
    put(Kinesis({"s": RECORDS}), sink, path, since=since, until=until)
    assert sink.all == RECORDS[2:5]
    put(Kinesis({"s": RECORDS}), sink, path, until=None)
    assert sink.all == RECORDS[2:5], "the end of the first run stays"


@pytest.mark.parametrize("error", [ExpiredIteratorError, ThrottledError])
def test_a_read_is_repeated(path: Path, error: Any) -> None:
    sink = Sink()
    put(Kinesis({"s": RECORDS}, failing=[error]), sink, path)
    assert sink.all == RECORDS


def test_a_record_that_fits_into_no_call_is_named(path: Path) -> None:
    sink = Sink()
    one = put(Kinesis({"s": [b"a", b"too long", b"b"]}), sink, path, limits=replace(TWO, bytes_per_record=5))
    assert (sink.all, one.outcome.skipped) == ([b"a", b"b"], ["s:1 (8 bytes)"])


def test_aggregated_records_are_taken_apart_for_a_delivery_stream(path: Path, tmp_path: Path) -> None:
    whole = aggregate(["k"], [(0, b"a"), (0, b"b"), (0, b"c")])
    damaged = whole[:-1] + b"?"
    apart, untouched = Sink(), Sink()
    kinesis = Kinesis({"s": [whole, damaged, b"d"]})
    put(kinesis, apart, path, unpack=True)
    put(kinesis, untouched, tmp_path / "other.json")
    assert apart.all == sorted([b"a", b"b", b"c", damaged, b"d"])
    assert max(map(len, apart.taken)) <= 2
    assert untouched.all == sorted([whole, damaged, b"d"])


def test_records_that_expired_since_are_an_error(path: Path) -> None:
    kinesis = Kinesis({"s": RECORDS})
    put(kinesis, Sink(accepts=2), path)
    kinesis.trimmed = True
    with pytest.raises(CommandError, match="If its retention has passed, remove the checkpoint"):
        put(kinesis, Sink(), path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            '{"stream": "another", "into": "x", "until": null, "shards": {}}',
            "is of a replay of another into x",
        ),
        ("{", "is no checkpoint of a replay"),
        ("[]", "is no checkpoint of a replay"),
    ],
)
def test_another_checkpoint_is_refused(path: Path, content: str, problem: str) -> None:
    path.write_text(content)
    with pytest.raises(CommandError, match=problem):
        put(Kinesis({}), Sink(), path)


SOURCE = StreamSource("kept", ARN, START - timedelta(days=9), START + timedelta(hours=1))
BEGAN = START + timedelta(minutes=10)
OWN = Target(kind="kinesis", name="kept", region="eu-west-1")


class Firehose:
    """The delivery stream that reads it was created at START."""

    def describe_delivery_stream(self, **_: str) -> dict[str, Any]:
        return {"DeliveryStreamDescription": {"CreateTimestamp": START}}


@pytest.mark.parametrize(
    ("name", "end", "until"),
    [
        ("another", None, None),
        ("another", START, START),
        ("kept", None, BEGAN),
        ("kept", START, START),
    ],
)
def test_a_stream_is_put_into_itself_up_to_the_time_at_which_it_is_delivered(
    name: str, end: datetime | None, until: datetime | None
) -> None:
    assert SOURCE.until(replace(OWN, name=name), end, Firehose(), "to-lake") == until


def test_what_is_put_into_the_same_stream_is_never_read_again() -> None:
    early = replace(SOURCE, now=START + timedelta(minutes=1))
    assert early.until(OWN, None, Firehose(), "to-lake") == early.now
    with pytest.raises(CommandError, match="to-lake delivers what arrives in it since 2026-11-22 10:10:00"):
        SOURCE.until(OWN, SOURCE.now, Firehose(), "to-lake")
