"""Only a file that is loaded counts as loaded, and no pipe is replaced while a file may be half loaded."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from clickstream_wire.repairs import repair_name
from snowflake_setup.session.errors import OutOfTimeError
from snowflake_setup.session.session import Row
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.load_state import LoadState
from snowflake_setup.sql.pipe import ReplacePipe
from snowflake_setup.sql.table import LoadedFiles
from tests.unit.snowflake_setup.events import PIPE, TABLE, name, send
from tests.unit.snowflake_setup.fakes import Bench
from tests.unit.snowflake_setup.pipes import CLICKS, EVENTS, landed, loads, once, update, url

# As the app's pipes: with the time at which a row was read from its file.
TIMED = {
    **PIPE,
    "Metadata": [*PIPE["Metadata"], {"Column": "LOADED_AT", "Source": "METADATA$START_SCAN_TIME"}],
}
SKIPPING = {**TIMED, "OnError": "SKIP_FILE"}
IN_PROGRESS = {"status": "Load in progress", "row_count": None}


@pytest.fixture(name="timed")
def _timed(bench: Bench) -> Bench:
    """A pipe that was created before its three files landed."""
    landed(bench)
    update(bench, TIMED, PIPE)
    bench.clock.later(timedelta(hours=2))
    for of in ("d", "e", "f"):
        bench.snowflake.land(url(of))
        bench.clock.time += timedelta(minutes=1)
    return bench


@pytest.mark.parametrize(
    ("status", "rows", "state"),
    [
        ("Loaded", 5, LoadState.LOADED),
        ("LOADED", 5, LoadState.LOADED),
        ("Loaded", 0, LoadState.LOADED),
        ("Partially loaded", 5, LoadState.LOADED),
        ("Partially loaded", 0, LoadState.FAILED),
        ("Partially loaded", None, LoadState.FAILED),
        ("Load failed", 0, LoadState.FAILED),
        ("Load skipped", 0, LoadState.FAILED),
        ("Load in progress", 5, LoadState.IN_PROGRESS),
        ("Load in progress", None, LoadState.IN_PROGRESS),
        ("Load deferred until Tuesday", 5, LoadState.FAILED),
    ],
)
def test_only_the_two_states_of_success_mean_loaded(status: str, rows: int | None, state: LoadState) -> None:
    assert LoadState.of({"status": status, "row_count": rows}) is state


@pytest.mark.parametrize("status", ["Load failed", "Load skipped", "Partially loaded", "Load of a new kind"])
@pytest.mark.parametrize("file", ["e", "f"])  # f is the last that the pipe reports
def test_a_file_that_left_no_row_is_loaded_by_the_next_pipe(timed: Bench, status: str, file: str) -> None:
    del timed.snowflake.rows[EVENTS][url(file)]
    timed.snowflake.states[url(file)] = {"status": status, "row_count": 0}
    update(timed, SKIPPING, TIMED)
    assert loads(timed) == once("a", "b", "c", "d", "e", "f")


def test_a_file_that_failed_twice_is_loaded_by_the_pipe_after_the_next(timed: Bench) -> None:
    """Although it landed before that one's table was created."""
    timed.snowflake.states[url("e")] = {"status": "Load failed", "row_count": 0}
    send(timed, "Create", "Table", {**TABLE, **name("OTHERS")})
    others = ObjectName.of("CLICKSTREAM", "RAW", "OTHERS")
    moved, skipping = ({**one, "Table": name("OTHERS")} for one in (TIMED, SKIPPING))
    for new, old, table, of in ((moved, TIMED, EVENTS, "g"), (skipping, moved, others, "h")):
        del timed.snowflake.rows[table][url("e")]
        update(timed, new, old)
        timed.clock.later(timedelta(hours=2))
        timed.snowflake.land(url(of))
    assert loads(timed) == once("a", "b", "c", "d", "e", "f", "g", "h")


def test_a_file_with_a_repair_object_is_not_loaded_by_the_next_pipe(timed: Bench) -> None:
    """Its lines that were missing are in that object, which the next pipe loads if no pipe has."""
    del timed.snowflake.rows[EVENTS][url("e")]
    timed.snowflake.states[url("e")] = {"status": "Load failed", "row_count": 0}
    name = repair_name(url("e").removeprefix("s3://lake/"), "1", b"a line")
    repair = f"s3://lake/events/{name}"
    timed.snowflake.land(repair, notify=False)
    update(timed, SKIPPING, TIMED)
    assert loads(timed) == once("a", "b", "c", "d", "f") + Counter([repair])


def test_a_file_that_failed_days_ago_does_not_have_the_rows_since_then_read(timed: Bench) -> None:
    """They may be billions, and the history says that it has none."""
    timed.clock.later(timedelta(days=7))
    timed.snowflake.land(url("g"))
    timed.snowflake.states[url("g")] = {"status": "Load failed", "row_count": 0}
    del timed.snowflake.rows[EVENTS][url("g")]
    timed.clock.later(timedelta(days=4))
    timed.snowflake.land(url("h"))
    update(timed, SKIPPING, TIMED)
    read = [statement.since for statement in timed.snowflake.sent if isinstance(statement, LoadedFiles)]
    assert read
    assert min(read) > timed.clock.now() - timedelta(hours=2)
    assert loads(timed) == once("a", "b", "c", "d", "e", "f", "g", "h")


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("s3://lake/events/", "e.gz"),
        ("s3://lake/events", "e.gz"),
        ("s3://lake/events/", "events/e.gz"),
        ("s3://lake/", "events/e.gz"),
        ("s3://lake", "events/e.gz"),
        ("s3://lake/events/", "s3://lake/events/e.gz"),
    ],
)
def test_a_file_is_known_by_any_spelling_of_its_name(timed: Bench, location: str, name: str) -> None:
    shown = {"status": "Loaded", "row_count": 1, "stage_location": location, "file_name": name}
    timed.snowflake.states[url("e")] = shown
    update(timed, SKIPPING, TIMED)
    assert loads(timed) == once("a", "b", "c", "d", "e", "f")


def half_loaded(bench: Bench, of: str, state: Row | None) -> None:
    """The first rows of the file are in the table; the history shows the state, or nothing yet."""
    if state is None:
        bench.snowflake.history_lag = {url(of)}
    else:
        bench.snowflake.states[url(of)] = state


@pytest.mark.parametrize("state", [None, IN_PROGRESS])
def test_a_half_loaded_file_is_awaited(timed: Bench, state: Row | None) -> None:
    half_loaded(timed, "e", state)

    def end_of_load() -> None:
        timed.snowflake.history_lag.clear()
        timed.snowflake.states.clear()

    timed.clock.while_sleeping = end_of_load
    update(timed, SKIPPING, TIMED)
    assert loads(timed) == once("a", "b", "c", "d", "e", "f")


@pytest.mark.parametrize("state", [None, IN_PROGRESS])
def test_a_file_that_stays_half_loaded_stops_before_the_switch(timed: Bench, state: Row | None) -> None:
    half_loaded(timed, "e", state)
    with pytest.raises(OutOfTimeError, match=r"may have loaded only a part of .*events/e\.gz"):
        update(timed, SKIPPING, TIMED)
    assert not any(isinstance(statement, ReplacePipe) for statement in timed.snowflake.sent)
    assert not timed.snowflake.pipes[CLICKS].paused


def test_a_load_without_a_row_yet_is_awaited(timed: Bench) -> None:
    """The old pipe would go on with a file that the new one loads, too."""
    half_loaded(timed, "e", IN_PROGRESS)
    del timed.snowflake.rows[EVENTS][url("e")]
    with pytest.raises(OutOfTimeError, match=r"may have loaded only a part of .*events/e\.gz"):
        update(timed, SKIPPING, TIMED)


@pytest.mark.parametrize("state", [None, IN_PROGRESS])
def test_after_an_hour_a_load_is_over(timed: Bench, state: Row | None) -> None:
    half_loaded(timed, "e", state)
    timed.clock.later(timedelta(hours=1))
    update(timed, SKIPPING, TIMED)
    assert loads(timed) == once("a", "b", "c", "d", "e", "f")


def test_rows_of_an_earlier_pipe_are_whole_files(timed: Bench) -> None:
    """Its history is gone with it, a minute ago, and a rollback must not wait for it."""
    update(timed, SKIPPING, TIMED)
    timed.clock.later(timedelta(minutes=1))
    update(timed, TIMED, SKIPPING)
    assert loads(timed) == once("a", "b", "c", "d", "e", "f")


def test_rows_that_appear_while_the_history_is_awaited_are_seen(timed: Bench) -> None:
    """Otherwise the new pipe would load their file again."""
    there = timed.snowflake.pipes[CLICKS]
    timed.snowflake.land(url("g"), notify=False)
    half_loaded(timed, "f", None)

    def commit() -> None:
        timed.snowflake.history_lag.clear()
        if url("g") not in there.loaded:
            there.loaded.add(url("g"))
            timed.snowflake.rows[EVENTS][url("g")] += 1
            timed.snowflake.history_lag = {url("g")}

    timed.clock.while_sleeping = commit
    with pytest.raises(OutOfTimeError, match=r"only a part of .*events/g\.gz"):
        update(timed, SKIPPING, TIMED)
