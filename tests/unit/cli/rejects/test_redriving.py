"""Each selected reject that is an event by now becomes a line of the lake once; its neighbours never do."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cli.output import CommandError
from cli.rejects.entry import Entry
from cli.rejects.lake import RejectLake
from cli.rejects.redriving import Outcome, Redrive, redriven
from cli.rejects.selection import Selection
from cli.repair.judge import Judge
from cli.repair.objects import RepairObjects
from config.files import load_config
from event_gate.rejects import RejectStore
from tests.unit.cli.rejects.lakes import NOW, Bucket, failed_object, gate_object

CLICKS = load_config("dev").event_stream("clicks")
JUDGE = Judge(CLICKS)
FOLDER, FAILED = "rejects/clicks/dt=2026-11-22/hh=10/", "errors/clicks/processing-failed/dt=2026-11-22/"
LINES = "events/dt=2026-11-22/hh=10/repair-"


def event(event_id: str) -> str:
    return json.dumps(
        {"event_id": event_id, "event_type": "click", "page_id": "p", "timestamp": NOW.isoformat()}
    )


def redrive(
    bucket: Bucket,
    *,
    dry_run: bool = False,
    stop: threading.Event | None = None,
    on_progress: Callable[[str], None] = lambda text: None,
    **choice: Any,
) -> Outcome:
    lake, outcome = RejectLake(bucket, "lake"), Outcome()
    selection = Selection(**{"since": NOW - timedelta(hours=1), **choice})
    Redrive(
        CLICKS,
        lake,
        RepairObjects(bucket, "lake"),
        RejectStore(bucket, "lake", CLICKS.reject_prefix),
        JUDGE,
        selection=selection,
        dry_run=dry_run,
        stop=stop or threading.Event(),
        outcome=outcome,
    ).of(lake.objects([CLICKS], selection.since, NOW), on_progress)
    return outcome


def written(bucket: Bucket) -> list[str]:
    """The ids of the events in repair objects."""
    bodies = [body for key, body in bucket.bodies.items() if key.startswith(LINES)]
    return sorted(
        json.loads(line)["event_id"] for body in bodies for line in gzip.decompress(body).splitlines()
    )


def rejected(bucket: Bucket) -> list[str]:
    """The texts in the folder of rejects."""
    lake = RejectLake(bucket, "lake")
    objects = [one for one in lake.objects([CLICKS], NOW - timedelta(days=1), NOW) if not one.is_failed]
    return sorted(entry.data.decode() for _, entries in lake.read(objects) for entry in entries)


def entries(bucket: Bucket) -> list[Entry]:
    lake = RejectLake(bucket, "lake")
    return [
        entry for _, some in lake.read(lake.objects([CLICKS], NOW - timedelta(days=1), NOW)) for entry in some
    ]


def two_objects() -> Bucket:
    """Rejects that the contract allows by now, one that is no event, and two failed records, one with another text."""
    bucket = Bucket()
    rejects = [
        {"id": "s:1:0", "text": event("a"), "reason": "contract"},
        {"id": "s:1:1", "text": "oops"},
        {"id": "s:1:2", "text": event("b"), "reason": "value"},
    ]
    bucket.put(f"{FOLDER}a", gate_object(rejects))
    bucket.put(
        f"{FAILED}b", failed_object(f"{event('c')}\nnothing\n{event('d')}".encode(), event("e").encode())
    )
    return bucket


def test_events_are_written_and_other_texts_listed() -> None:
    bucket = two_objects()
    outcome = redrive(bucket)
    assert written(bucket) == ["a", "b", "c", "d", "e"]
    assert rejected(bucket) == sorted([event("a"), event("b"), "nothing", "oops"])
    assert (outcome.sent, outcome.events, outcome.rejected, len(outcome.found)) == (4, 5, 1, 5)
    assert outcome.failed == [("s:1:1", "still rejected: not JSON: Expecting value at character 1")]


@pytest.mark.parametrize("text", [f"[{event('a')}]", f"\ufeff{event('a')}"])
def test_a_text_that_is_an_event_only_without_its_record_stays_a_reject(text: str) -> None:
    """The gate does not look for events in an array of an array, nor behind a mark in the middle of a record."""
    bucket = Bucket()
    bucket.put(f"{FOLDER}a", gate_object([{"id": "s:1:1", "text": text, "reason": "not_an_event"}]))
    outcome = redrive(bucket)
    assert (written(bucket), outcome.sent, len(outcome.failed)) == ([], 0, 1)


def test_again_nothing_is_written() -> None:
    bucket = two_objects()
    redrive(bucket)
    before = dict(bucket.bodies)
    outcome = redrive(bucket)
    assert bucket.bodies == before
    assert (outcome.sent, outcome.events, len(outcome.before)) == (0, 0, 4)


def test_what_was_redriven_says_when() -> None:
    bucket = two_objects()
    repairs = RepairObjects(bucket, "lake")
    assert redriven(repairs, [CLICKS], entries(bucket)) == {}
    outcome = redrive(bucket)
    open_ids = {entry.reject_id for entry in entries(bucket)} - set(
        redriven(repairs, [CLICKS], entries(bucket))
    )
    assert {name for name, _ in outcome.failed} < open_ids
    assert len(open_ids) == 2  # and the text of the failed record


@pytest.mark.parametrize(
    ("choice", "ids"),
    [
        ({"reason": "value"}, ["b"]),
        ({"ids": frozenset({"s:1:0"})}, ["a"]),
        ({"ids": frozenset({"s:1:1"})}, []),
        ({"reason": "processing_failed"}, ["c", "d", "e"]),
        ({"since": NOW}, []),
    ],
)
def test_only_selected_rejects_are_written(choice: dict[str, Any], ids: list[str]) -> None:
    bucket = two_objects()
    redrive(bucket, **choice)
    assert written(bucket) == ids
    redrive(bucket)
    assert written(bucket) == ["a", "b", "c", "d", "e"]


def test_copies_are_written_once() -> None:
    bucket = Bucket()
    bucket.put(f"{FOLDER}a", gate_object([{"id": "1", "text": event("a")}]))
    bucket.put(f"{FOLDER}b", gate_object([{"id": "1", "text": event("a")}, {"id": "2", "text": event("b")}]))
    assert redrive(bucket).sent == 2
    assert redrive(bucket).sent == 0
    assert written(bucket) == ["a", "b"]


def test_interrupted_between_copies_and_run_again_writes_once() -> None:
    bucket, stop = Bucket(), threading.Event()
    for name in "ab":
        rejects = [{"id": "1", "text": event("copied")}, {"id": name, "text": event(name)}]
        bucket.put(f"{FOLDER}{name}", gate_object(rejects))
    assert redrive(bucket, stop=stop, on_progress=lambda text: stop.set()).sent == 2
    redrive(bucket)
    assert written(bucket) == ["a", "b", "copied"]


def test_a_text_that_the_gate_had_kept_is_not_listed_twice() -> None:
    """Firehose gives up a record whose answer it did not get, also if the gate had kept its rejects."""
    bucket = two_objects()
    bucket.put(f"{FOLDER}c", gate_object([{"id": "shard:7:1", "text": "nothing"}]))
    redrive(bucket, reason="processing_failed")
    assert rejected(bucket).count("nothing") == 1


def test_arrivals_of_two_hours_are_written_into_their_folders() -> None:
    bucket = Bucket()
    rejects = [
        {"id": str(hour), "text": event(str(hour)), "received_at": f"2026-11-22T{hour:02}:59:00.000Z"}
        for hour in (8, 9)
    ]
    bucket.put(f"{FOLDER}a", gate_object(rejects))
    outcome = redrive(bucket, since=NOW - timedelta(hours=3))
    assert sorted(key.split("/")[2] for key in outcome.objects) == ["hh=08", "hh=09"]


def test_a_dry_run_changes_nothing() -> None:
    bucket = two_objects()
    before = dict(bucket.bodies)
    outcome = redrive(bucket, dry_run=True)
    assert (outcome.sent, outcome.events, outcome.objects) == (4, 5, [])
    assert bucket.bodies == before


def test_a_lake_that_may_not_be_written_is_said() -> None:
    bucket = two_objects()
    bucket.refused = {"PutObject"}
    with pytest.raises(CommandError, match=r"cannot use s3://lake/events/.*to write also s3:PutObject"):
        redrive(bucket, reason="value")
