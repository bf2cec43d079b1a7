"""Each way in which lake and table may differ has its verdict, and a repair makes them equal without doubling a row."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cli.reconcile.finding import Verdict
from cli.repair.objects import RepairObjects
from clickstream_wire.repairs import repaired
from tests.unit.cli.reconcile.worlds import FOLDER, LONG_AGO, World, line
from tests.unit.cli.rejects.lakes import NOW

BROKEN = "{broken"


@pytest.fixture(name="world")
def _world() -> World:
    world = World()
    world.land("a.gz", line("a1"), line("a2"))
    world.land("b.gz", line("b1"))
    return world


def read(world: World) -> list[str]:
    """The files whose content was read."""
    return [key.removeprefix(FOLDER) for key in world.bucket.read]


def test_loaded_files_are_complete_and_not_read(world: World) -> None:
    finding = world.examine()
    assert (finding.verdict, finding.rows, finding.lines, read(world)) == (Verdict.COMPLETE, 3, None, [])
    assert world.repair() == []


def test_files_that_no_history_shows_are_read(world: World) -> None:
    """A replaced pipe takes its history along, and the last row does not show whether the file goes on."""
    world.replace_pipe()
    finding = world.examine()
    assert (finding.verdict, finding.rows, read(world)) == (Verdict.COMPLETE, 3, ["a.gz", "b.gz"])
    assert world.repair() == []


def test_an_hour_without_files_is_complete() -> None:
    assert World().examine().verdict is Verdict.COMPLETE


def test_a_file_that_no_pipe_has_seen_is_announced_again(world: World) -> None:
    key = world.land("c.gz", line("c1"), load=False)
    finding = world.examine()
    assert (finding.verdict, [file.key for file in finding.missing]) == (Verdict.MISSING, [key])
    assert world.repair() == [key]
    assert world.refreshed == [f"{FOLDER.removeprefix('events/')}c.gz"]
    world.load(key)  # the notification comes after all
    assert world.ids() == ["a1", "a2", "b1", "c1"]
    assert world.examine().verdict is Verdict.COMPLETE


@pytest.mark.parametrize(("age", "verdict"), [(13, Verdict.MISSING), (15, Verdict.EXPIRED)])
def test_an_hour_whose_rows_have_expired_is_not_missing_and_never_loaded_again(
    world: World, age: int, verdict: Verdict
) -> None:
    """Neither history nor rows remain, as of a file that no pipe has seen."""
    world.replace_pipe()
    world.rows.clear()
    later, kept = NOW + timedelta(days=age), timedelta(days=14)
    for count_lines in (False, True):
        finding = world.examine(now=later, rows_kept=kept, count_lines=count_lines)
        assert (finding.verdict, len(finding.files)) == (verdict, 2)
        finding.failed = 1  # a record in the error folder is no row, and does not expire
        assert finding.verdict is max(verdict, Verdict.PARTIAL, key=list(Verdict).index)
    assert bool(world.repair(now=later, rows_kept=kept)) == (verdict is Verdict.MISSING)
    assert bool(world.rows) == (verdict is Verdict.MISSING)


def test_a_file_that_landed_just_now_is_waited_for(world: World) -> None:
    world.land("c.gz", line("c1"), load=False, written=NOW)
    finding = world.examine()
    assert (finding.verdict, len(finding.waiting), finding.missing) == (Verdict.MISSING, 1, [])
    assert world.repair() == []


def test_what_landed_since_the_command_began_is_left_out(world: World) -> None:
    """Else a repair would wait for as long as events arrive."""
    world.land("c.gz", line("c1"), load=False, written=NOW)
    world.land("d.gz", line("d1"), written=NOW)
    finding = world.examine(until=LONG_AGO)
    assert (finding.verdict, len(finding.files), finding.rows) == (Verdict.COMPLETE, 2, 3)


def test_beyond_the_reach_of_refresh_a_file_is_written_over_itself(world: World) -> None:
    key = world.land("c.gz", line("c1"), load=False, written=NOW - timedelta(days=8))
    world.bucket.metadata[key] = {"lines": "4"}
    before = world.bucket.bodies[key]
    world.repair()
    assert (world.refreshed, world.bucket.written[key]) == ([], NOW)
    assert (world.bucket.bodies[key], world.bucket.metadata[key]) == (before, {"lines": "4"})


def test_a_file_whose_name_begins_another_one_is_written_over_itself(world: World) -> None:
    """REFRESH with its name as the prefix would also select the other, which an earlier pipe has loaded."""
    world.land("c.gz-1", line("c2"))
    world.land("c.gz-2", line("c3"))
    world.replace_pipe()
    key = world.land("c.gz", line("c1"), load=False)
    world.repair()
    assert (world.refreshed, world.bucket.written[key]) == ([], NOW)
    assert world.ids() == ["a1", "a2", "b1", "c1", "c2", "c3"]


@pytest.mark.parametrize("replaced", [False, True])
def test_the_lines_after_a_broken_one_are_written_into_a_repair_object(world: World, replaced: bool) -> None:
    key = world.land("c.gz", line("c1"), BROKEN, line("c3"), "null", line("c5"))
    if replaced:
        world.replace_pipe()
    finding = world.examine()
    assert finding.verdict is Verdict.PARTIAL
    assert finding.as_json_object()["missing_lines"] == {key: "3,5"}
    (written,) = world.repair()
    assert repaired(written)
    assert world.ids() == ["a1", "a2", "b1", "c1", "c3", "c5"]
    assert set(RepairObjects(world.bucket, "lake").lines_of(FOLDER, key)) == {2, 3, 4, 5}
    assert world.examine(count_lines=True).verdict is Verdict.COMPLETE
    assert world.repair() == []


def test_broken_lines_are_kept_as_rejects(world: World) -> None:
    world.land("c.gz", line("c1"), BROKEN, "null")
    world.repair()
    assert [key for key in world.bucket.bodies if key.startswith("rejects/clicks/dt=2026-11-22/hh=10/")]
    assert world.examine().verdict is Verdict.COMPLETE


def test_a_line_that_snowflake_refused_is_a_reject_and_not_sent_again(world: World) -> None:
    world.refused[f"{FOLDER}c.gz"] = {2}
    world.land("c.gz", line("c1"), line("c2"), line("c3"))
    finding = world.examine()
    assert (finding.verdict, finding.rejects) == (Verdict.COMPLETE, 1)
    assert world.repair() == []


def test_of_a_file_that_was_skipped_the_good_lines_are_written(world: World) -> None:
    key = world.land("c.gz", line("c1"), BROKEN, line("c3"), load=False)
    world.load(key, on_error="SKIP_FILE")
    assert world.examine().as_json_object()["missing_lines"] == {key: "1,3"}
    world.repair()
    assert world.ids() == ["a1", "a2", "b1", "c1", "c3"]
    assert world.examine().verdict is Verdict.COMPLETE


def test_a_repair_object_that_no_pipe_has_seen_is_announced_again(world: World) -> None:
    world.land("c.gz", line("c1"), BROKEN, line("c3"))
    (written,) = world.repair(notify=False)
    later = NOW + timedelta(minutes=11)
    assert world.examine(now=later).verdict is Verdict.MISSING
    assert world.repair(now=later) == [written]
    assert world.ids() == ["a1", "a2", "b1", "c1", "c3"]


def test_a_file_that_is_being_loaded_in_parts_is_waited_for(world: World) -> None:
    key = world.land("c.gz", line("c1"), line("c2"), load=False)
    world.rows.append((key, 1, "c1"))
    world.loaded_at = NOW
    assert key in [file.key for file in world.examine(count_lines=True).waiting]
    world.loaded_at = LONG_AGO
    assert world.examine(count_lines=True).as_json_object()["missing_lines"] == {key: "2"}


def test_a_load_in_progress_is_waited_for(world: World) -> None:
    world.history[f"{FOLDER}b.gz"] = {**world.history[f"{FOLDER}b.gz"], "status": "Load in progress"}
    assert [file.key for file in world.examine().waiting] == [f"{FOLDER}b.gz"]


@pytest.mark.parametrize("replaced", [False, True])
def test_rows_twice_are_doubled(world: World, replaced: bool) -> None:
    world.rows.append(world.rows[0])
    if replaced:
        world.replace_pipe()
    finding = world.examine()
    assert (finding.verdict, finding.doubled, finding.rows) == (Verdict.DOUBLED, {f"{FOLDER}a.gz": 1}, 3)
    assert world.repair() == []


def test_a_line_in_the_table_and_in_a_repair_object_is_doubled(world: World) -> None:
    key = world.land("c.gz", line("c1"), BROKEN, line("c3"))
    world.repair()
    world.rows.append((key, 3, "c3"))
    assert world.examine().doubled == {key: 1}


def test_deleted_rows_are_unexplained_and_not_loaded_again(world: World) -> None:
    world.rows.pop(0)
    finding = world.examine()
    assert finding.verdict is Verdict.UNEXPLAINED
    assert finding.unexplained == {
        f"{FOLDER}a.gz": "2 rows were loaded, and 1 are in the table: rows were deleted"
    }
    assert world.repair() == []


def test_rows_of_a_file_that_is_gone_are_unexplained(world: World) -> None:
    del world.bucket.bodies[f"{FOLDER}b.gz"]
    assert world.examine().unexplained == {f"{FOLDER}b.gz": "1 rows of a file that is not in the lake"}


def test_rows_of_files_that_the_lake_has_deleted_by_their_age_are_complete(world: World) -> None:
    del world.bucket.bodies[f"{FOLDER}b.gz"]
    assert world.examine(now=NOW + timedelta(days=401)).verdict is Verdict.COMPLETE


def test_rows_that_are_numbered_otherwise_are_unexplained(world: World) -> None:
    """Then nothing can be said of the other lines, and nothing is written."""
    key = world.land("c.gz", line("c1"), line("c2"), line("c3"), load=False)
    world.rows += [(key, 1, "c2"), (key, 2, "c3")]
    finding = world.examine(count_lines=True)
    assert "row 1 has another id than line 1" in finding.unexplained[key]
    assert finding.gaps == []


def test_an_array_is_as_many_rows_as_it_has_elements(world: World) -> None:
    key = world.land("c.gz", f"[{line('c1')}, {line('c2')}]", "", line("c3"), load=False)
    world.rows += [(key, number, f"c{number}") for number in (1, 2, 3)]
    finding = world.examine(count_lines=True)
    assert (finding.verdict, finding.lines) == (Verdict.COMPLETE, 6)
    world.rows.pop(-2)
    assert world.examine(count_lines=True).as_json_object()["missing_lines"] == {key: "2"}


def test_a_file_that_is_cut_off_has_the_lines_that_can_be_read(world: World) -> None:
    key = world.land("c.gz", *(line(f"c{number}") for number in range(500)), load=False)
    world.bucket.bodies[key] = world.bucket.bodies[key][:-400]
    world.history[key] = {
        **world.history[f"{FOLDER}b.gz"],
        "file_name": key,
        "status": "Load failed",
        "row_count": 0,
    }
    (gap,) = world.examine().lacking
    assert 0 < len(gap.events) < 500
    assert len(gap.rejects) == 1
