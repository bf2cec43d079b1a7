"""A repair object has one name for the same lines of the same origin, and says which lines it deals with."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta, timezone

import pytest

from cli.repair.objects import RepairObjects, hour_folder
from cli.repair.ranges import as_text, from_text
from clickstream_wire.repairs import fingerprint, repaired
from tests.unit.cli.rejects.lakes import NOW, Bucket

FOLDER, ORIGIN = "events/dt=2026-11-22/hh=10/", "events/dt=2026-11-22/hh=10/file-1.gz"


@pytest.fixture(name="bucket")
def _bucket() -> Bucket:
    return Bucket()


@pytest.fixture(name="repairs")
def _repairs(bucket: Bucket) -> RepairObjects:
    return RepairObjects(bucket, "lake")


@pytest.mark.parametrize(
    ("numbers", "text"), [([], ""), ([4], "4"), ([3, 2, 1, 5, 5], "1-3,5"), ([1, 3, 5], "1,3,5")]
)
def test_numbers_are_written_as_ranges(numbers: list[int], text: str) -> None:
    assert as_text(numbers) == text
    assert from_text(text) == set(numbers)


def test_lines_are_written_in_order_once(bucket: Bucket, repairs: RepairObjects) -> None:
    lines = {7: b"c\n", 2: b"a\nb\n", 3: b""}
    (key,) = repairs.write(FOLDER, ORIGIN, lines)
    assert repairs.write(FOLDER, ORIGIN, dict(reversed(lines.items()))) == [key]
    assert key.startswith(FOLDER)
    assert repaired(key) == fingerprint(ORIGIN)
    assert gzip.decompress(bucket.bodies[key]) == b"a\nb\nc\n"
    assert bucket.metadata[key] == {"lines": "2-3,7", "origin": "events/dt%3D2026-11-22/hh%3D10/file-1.gz"}
    assert repairs.lines_of(FOLDER, ORIGIN) == dict.fromkeys((2, 3, 7), NOW)
    assert repairs.lines_of(FOLDER, f"{ORIGIN}x") == {}


def test_a_line_without_an_end_gets_one(bucket: Bucket, repairs: RepairObjects) -> None:
    (key,) = repairs.write(FOLDER, ORIGIN, {1: b"a", 2: b"b"})
    assert gzip.decompress(bucket.bodies[key]) == b"a\nb\n"


def test_other_lines_of_the_same_origin_are_another_object(repairs: RepairObjects) -> None:
    """Also if they hold no event, or the same text."""
    keys = {key for line in (1, 2) for key in repairs.write(FOLDER, ORIGIN, {line: b""})}
    keys |= {key for line in (1, 2) for key in repairs.write(FOLDER, f"{ORIGIN}x", {line: b"a"})}
    assert len(keys) == 4
    assert set(repairs.lines_of(FOLDER, ORIGIN)) == {1, 2}


def test_numbers_that_do_not_fit_into_metadata_make_several_objects(
    bucket: Bucket, repairs: RepairObjects
) -> None:
    lines = dict.fromkeys(range(1, 4001, 2), b"a")
    keys = repairs.write(FOLDER, "ü" * 500, lines)
    sizes = [sum(len(part) for pair in bucket.metadata[key].items() for part in pair) for key in keys]
    assert max(sizes) <= 2000
    assert set(repairs.lines_of(FOLDER, "ü" * 500)) == set(lines)
    assert b"".join(gzip.decompress(bucket.bodies[key]) for key in keys) == b"a\n" * 2000


@pytest.mark.parametrize("key", ["events/repair-x.json.gz", ORIGIN, "repair-" + "a" * 16 + ".json.gz"])
def test_other_files_are_no_repair_objects(key: str) -> None:
    assert repaired(key) is None


def test_the_folder_of_an_hour_is_in_utc() -> None:
    moment = datetime(2026, 11, 22, 0, 15, tzinfo=timezone(timedelta(hours=2)))
    assert hour_folder("events/", moment) == "events/dt=2026-11-21/hh=22/"
    assert hour_folder("events/", moment.astimezone(UTC)) == "events/dt=2026-11-21/hh=22/"
