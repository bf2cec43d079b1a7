"""A replacement that did not end is in the comment of its pipe, and a later request completes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from snowflake_setup.session.errors import OutOfTimeError, SnowflakeError
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.pipe import PausePipe, RefreshPipe, ReplacePipe
from snowflake_setup.sql.stage import ListStage
from snowflake_setup.sql.table import CopyHistory, LoadedFiles
from tests.unit.snowflake_setup.events import PIPE, STAGE, name, send
from tests.unit.snowflake_setup.fake_pipe import grant
from tests.unit.snowflake_setup.fakes import Bench
from tests.unit.snowflake_setup.pipes import (
    CLICKS,
    SKIP_FILE,
    landed,
    loads,
    once,
    update,
    url,
    while_paused,
)

TIMED = {
    **PIPE,
    "Metadata": [*PIPE["Metadata"], {"Column": "LOADED_AT", "Source": "METADATA$START_SCAN_TIME"}],
}
SKIPPING = {**TIMED, "OnError": "SKIP_FILE"}


def out_of_time(bench: Bench, kind: type[Statement]) -> Callable[[Statement], None]:
    """End the function's time when such a statement is sent after the switch."""
    before = bench.snowflake.before

    def end(statement: Statement) -> None:
        before(statement)
        if isinstance(statement, kind) and any(
            isinstance(sent, ReplacePipe) for sent in bench.snowflake.sent
        ):
            bench.clock.time = bench.clock.end

    return end


@pytest.fixture(name="unfinished")
def _unfinished(bench: Bench) -> Bench:
    """A replacement that ran out of time after the switch, before anything was loaded."""
    landed(bench).snowflake.pipes[CLICKS].grants = [grant("MONITOR", "OPS")]
    update(bench, TIMED, PIPE)
    bench.clock.later(timedelta(hours=3))
    while_paused(bench, "d", notify=False)
    bench.snowflake.before = out_of_time(bench, ListStage)
    with pytest.raises(OutOfTimeError, match="deploy again to queue the others"):
        update(bench, SKIPPING, TIMED)
    bench.snowflake.before = lambda _: None
    bench.clock.later(timedelta(minutes=1))
    bench.clock.end = bench.clock.time + timedelta(minutes=10)
    return bench


def test_the_rollback_finishes_it(unfinished: Bench) -> None:
    assert loads(unfinished) == once("a", "b", "c")
    update(unfinished, TIMED, SKIPPING)
    assert loads(unfinished) == once("a", "b", "c", "d")
    assert "replacing" not in unfinished.snowflake.pipes[CLICKS].comment
    update(unfinished, SKIPPING, TIMED)
    assert loads(unfinished) == once("a", "b", "c", "d")


def test_the_next_request_for_the_same_pipe_finishes_it_without_another_pipe(unfinished: Bench) -> None:
    update(unfinished, SKIPPING, TIMED)
    assert unfinished.snowflake.kinds == ["ALTER PIPE REFRESH", "ALTER PIPE SET COMMENT"]
    assert loads(unfinished) == once("a", "b", "c", "d")
    update(unfinished, SKIPPING, SKIPPING)
    assert unfinished.snowflake.kinds == []


def test_what_is_left_to_do_reads_only_the_last_rows(unfinished: Bench) -> None:
    before = unfinished.clock.now()
    update(unfinished, SKIPPING, TIMED)
    asked = [s.since for s in unfinished.snowflake.sent if isinstance(s, CopyHistory | LoadedFiles)]
    assert min(asked) > before - timedelta(days=1, hours=3)
    rows = [s.since for s in unfinished.snowflake.sent if isinstance(s, LoadedFiles)]
    assert rows
    assert min(rows) > before - timedelta(hours=3)


def test_another_location_does_not_count_as_loaded(unfinished: Bench) -> None:
    """The time in the comment is about the files of one location."""
    unfinished.snowflake.lake["s3://lake/clicks/x.gz"] = unfinished.clock.now() - timedelta(days=3)
    send(unfinished, "Create", "Stage", {**STAGE, **name("WIDER"), "Url": "s3://lake/"})
    update(unfinished, {**TIMED, "Stage": name("WIDER"), "StageUrl": "s3://lake/"}, SKIPPING)
    assert loads(unfinished)["s3://lake/clicks/x.gz"] == 1
    assert loads(unfinished).total() == 5


def test_a_rollback_that_cannot_finish_either_is_reported_and_does_not_fail(unfinished: Bench) -> None:
    unfinished.snowflake.refuse[RefreshPipe] = SnowflakeError("the lake is on fire")
    update(unfinished, TIMED, SKIPPING)
    assert "the replacement of the pipe is not complete" in unfinished.output.getvalue()
    assert "the lake is on fire" in unfinished.output.getvalue()
    assert not unfinished.snowflake.pipes[CLICKS].paused
    unfinished.snowflake.refuse.clear()
    update(unfinished, SKIPPING, TIMED)
    assert loads(unfinished) == once("a", "b", "c", "d")


def test_grants_are_restored_even_if_the_files_are_not(unfinished: Bench) -> None:
    assert [row["grantee_name"] for row in unfinished.snowflake.pipes[CLICKS].grants] == ["OPS"]


def test_a_replacement_does_not_begin_what_it_has_no_time_to_end(bench: Bench) -> None:
    landed(bench)

    def slowly(statement: Statement) -> None:
        if isinstance(statement, ListStage):
            bench.clock.time += timedelta(seconds=190)

    bench.snowflake.before = slowly
    with pytest.raises(OutOfTimeError, match=r"no time left to replace .* listing the lake took 190 s"):
        update(bench, SKIP_FILE, PIPE)
    assert bench.snowflake.kinds == ["ALTER PIPE SET PIPE_EXECUTION_PAUSED"] * 2
    assert not bench.snowflake.pipes[CLICKS].paused


def test_a_lake_that_takes_too_long_to_list_stops_before_the_pause(bench: Bench) -> None:
    landed(bench)

    def slowly(statement: Statement) -> None:
        if isinstance(statement, CopyHistory):
            bench.clock.time = bench.clock.end

    bench.snowflake.before = slowly
    with pytest.raises(OutOfTimeError, match="the function's time ran out"):
        update(bench, SKIP_FILE, PIPE)
    assert not any(isinstance(statement, PausePipe) for statement in bench.snowflake.sent)


def test_too_many_scattered_files_are_named_and_do_not_take_all_the_time(bench: Bench) -> None:
    """Each needs a statement; the newest ones are loaded."""
    landed(bench)
    for number in range(300):
        bench.snowflake.land(url(f"x{number:03}1"), notify=False)
        bench.snowflake.land(url(f"x{number:03}2"))
        bench.clock.time += timedelta(seconds=1)
    update(bench, SKIP_FILE, PIPE)
    sent = [statement for statement in bench.snowflake.sent if isinstance(statement, RefreshPipe)]
    assert len(sent) == 200
    assert '"number": 100' in bench.output.getvalue()
    assert "load them with COPY INTO" in bench.output.getvalue()
    assert set(loads(bench).values()) == {1}
