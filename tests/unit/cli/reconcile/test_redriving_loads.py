"""Refused lines that are no rows are written once; one that is still no event stays a reject."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from cli.reconcile.lake import Lake
from cli.reconcile.repairing import Repair
from cli.reconcile.table import Table
from cli.rejects.entry import Entry
from cli.rejects.redriving import Outcome
from cli.rejects.redriving_loads import LoadRedrive
from tests.unit.cli.reconcile.worlds import CLICKS, FOLDER, LONG_AGO, PIPE, TABLE, World, line

KEY = f"{FOLDER}c.gz"
ROW = Entry(
    reject_id=f"{KEY}:2",
    at=LONG_AGO,
    events="clicks",
    reason="row_refused",
    message="too long",
    source={},
    data=b"",
    key=KEY,
    lines=(2,),
)
WHOLE = replace(ROW, reject_id=KEY, reason="file_refused", lines=())
REST = replace(ROW, reject_id=f"{KEY}:3-5", reason="not_read", lines=range(3, 6))


@pytest.fixture(name="world")
def _world() -> World:
    """A file whose second line Snowflake refused, and whose third is broken."""
    world = World(refused={KEY: {2}})
    world.land("c.gz", line("c1"), line("c2"), "{broken", line("c4"), line("c5"))
    return world


def redrive(world: World, *entries: Entry, dry_run: bool = False) -> Outcome:
    outcome, lake = Outcome(), Lake(world.bucket, "lake")
    repair = Repair(CLICKS, lake, world, PIPE)
    LoadRedrive(lake, Table(world, TABLE), repair, dry_run=dry_run, outcome=outcome).of(entries)
    return outcome


def written(outcome: Outcome, world: World) -> list[bytes]:
    return [
        text for key in outcome.objects for text in gzip.decompress(world.bucket.bodies[key]).splitlines()
    ]


@pytest.mark.parametrize(
    ("entries", "lines"),
    [
        ((ROW,), ["c2"]),
        ((REST,), ["c4", "c5"]),
        ((ROW, REST), ["c2", "c4", "c5"]),
        ((WHOLE,), ["c2", "c4", "c5"]),
        ((WHOLE, ROW), ["c2", "c4", "c5"]),
    ],
)
def test_lines_that_are_no_rows_are_written_once(
    world: World, entries: tuple[Entry, ...], lines: list[str]
) -> None:
    outcome = redrive(world, *entries)
    assert written(outcome, world) == [line(name).encode() for name in lines]
    assert outcome.events == len(lines)
    again = redrive(world, *entries)
    assert (again.objects, again.sent, len(again.before)) == ([], 0, len(entries))


def test_a_line_that_is_no_event_stays_a_reject(world: World) -> None:
    outcome = redrive(world, replace(ROW, lines=(3,)))
    assert (outcome.sent, outcome.objects) == (0, [])
    assert "still rejected: not JSON" in outcome.failed[0][1]


def test_a_dry_run_writes_nothing(world: World) -> None:
    before = dict(world.bucket.bodies)
    assert redrive(world, WHOLE, dry_run=True).events == 3
    assert world.bucket.bodies == before


@pytest.mark.parametrize(
    ("key", "why"), [("", "does not say which file"), ("events/by-hand.gz", "no folder of an hour")]
)
def test_a_row_without_its_file_is_said(world: World, key: str, why: str) -> None:
    (failed,) = redrive(world, replace(ROW, key=key)).failed
    assert why in failed[1]
