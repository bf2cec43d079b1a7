"""Only the folders of the period are listed, only objects of the period are read, and marks keep other tags."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cli.output import CommandError
from cli.rejects.lake import RejectLake
from config.files import load_config
from config.names import EventStream
from tests.unit.cli.rejects.lakes import NOW, Bucket, failed_object, gate_object

CLICKS: EventStream = load_config("dev").event_stream("clicks")


def test_days_of_the_period_are_listed_in_both_folders() -> None:
    bucket = Bucket()
    bucket.put("errors/clicks/processing-failed/dt=2026-01-01/x", b"")
    RejectLake(bucket, "lake").objects([CLICKS], NOW - timedelta(hours=11), NOW)
    assert bucket.listed == [
        f"{folder}/dt=2026-11-{day}/"
        for folder in ("rejects/clicks", "errors/clicks/processing-failed")
        for day in (20, 21, 22)
    ]


def test_a_long_period_is_listed_at_once() -> None:
    bucket = Bucket()
    bucket.put("rejects/clicks/dt=2026-09-01/hh=08/a", b"", NOW - timedelta(days=80))
    (stored,) = RejectLake(bucket, "lake").objects([CLICKS], NOW - timedelta(days=90), NOW)
    assert stored.key == "rejects/clicks/dt=2026-09-01/hh=08/a"
    assert bucket.listed == ["rejects/clicks/"]


def test_objects_written_before_the_period_are_not_read() -> None:
    bucket = Bucket()
    old = bucket.put("rejects/clicks/dt=2026-11-21/hh=08/old.ndjson.gz", b"", NOW - timedelta(hours=25))
    late = bucket.put("rejects/clicks/dt=2026-11-20/hh=08/late.ndjson.gz", gate_object([{"id": "a"}]), NOW)
    failed = bucket.put("errors/clicks/processing-failed/dt=2026-11-22/x", b"", NOW - timedelta(hours=1))
    bucket.put("rejects/orders/dt=2026-11-22/hh=08/other.ndjson.gz", b"")
    other = bucket.put("errors/clicks/format-conversion-failed/dt=2026-11-22/x", failed_object(b"y"), NOW)
    lake = RejectLake(bucket, "lake")
    objects = lake.objects([CLICKS], NOW - timedelta(hours=24), NOW)
    assert [(stored.key, stored.failure) for stored in objects] == [
        (failed, "processing-failed"),
        (other, "format-conversion-failed"),
        (late, ""),
    ]
    assert old not in bucket.read
    read = {stored.key: [entry.reason for entry in entries] for stored, entries in lake.read(objects)}
    assert read == {failed: [], other: ["format_conversion_failed"], late: ["not_json"]}
    assert sorted(bucket.read) == sorted([failed, other, late])


def test_reading_stops_where_its_caller_stops() -> None:
    bucket = Bucket()
    for number in range(100):
        bucket.put(f"rejects/clicks/dt=2026-11-22/hh=10/{number:03d}", gate_object([{"id": str(number)}]))
    lake = RejectLake(bucket, "lake")
    next(lake.read(lake.objects([CLICKS], NOW - timedelta(hours=1), NOW)))
    assert len(bucket.read) <= 8


def test_a_damaged_object_costs_no_other() -> None:
    bucket = Bucket()
    bucket.put("rejects/clicks/dt=2026-11-22/hh=10/a", b"\x1f\x8boops")
    bucket.put("rejects/clicks/dt=2026-11-22/hh=10/b", gate_object([{"id": "a"}]))
    lake = RejectLake(bucket, "lake")
    read = [entries for _, entries in lake.read(lake.objects([CLICKS], NOW - timedelta(hours=1), NOW))]
    assert [[entry.reason for entry in entries] for entries in read] == [["unreadable"], ["not_json"]]


@pytest.mark.parametrize("action", ["ListBucket", "GetObject"])
def test_a_refusal_names_the_place_and_the_rights(action: str) -> None:
    bucket = Bucket(refused={action})
    bucket.put("rejects/clicks/dt=2026-11-22/hh=10/a", b"")
    lake = RejectLake(bucket, "lake")

    with pytest.raises(CommandError, match=r"s3://lake/rejects/clicks/.*s3:ListBucket and s3:Get") as caught:
        list(lake.read(lake.objects([CLICKS], NOW - timedelta(hours=1), NOW)))
    assert caught.value.exit_code == 1
