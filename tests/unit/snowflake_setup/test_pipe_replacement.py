"""Replacing a pipe: each file is loaded once, and a failure leaves a running pipe."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from snowflake_setup.session.errors import (
    OutOfTimeError,
    SnowflakeError,
)
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.pipe import PausePipe, RefreshPipe, ReplacePipe
from snowflake_setup.sql.stage import ListStage
from snowflake_setup.sql.table import LoadedFiles
from tests.unit.snowflake_setup.events import PIPE, STAGE, TABLE, name, send
from tests.unit.snowflake_setup.fake_pipe import grant
from tests.unit.snowflake_setup.fakes import Bench
from tests.unit.snowflake_setup.pipes import (
    CLICKS,
    EVENTS,
    PIPE_ID,
    SKIP_FILE,
    landed,
    loads,
    once,
    update,
    url,
    while_paused,
)


def test_a_changed_definition_is_replaced_in_the_safe_order(bench: Bench) -> None:
    landed(bench).snowflake.pipes[CLICKS].grants = [
        grant("OWNERSHIP", "DEPLOYER"),
        grant("MONITOR", "OPS"),
    ]
    while_paused(bench, "d")
    physical_id, data = update(bench, SKIP_FILE, PIPE)
    assert physical_id == PIPE_ID
    assert data["NotificationChannel"]
    assert bench.snowflake.kinds == [
        "ALTER PIPE SET PIPE_EXECUTION_PAUSED",
        "CREATE OR REPLACE PIPE",
        "ALTER PIPE REFRESH",
        "GRANT ON PIPE",
        "ALTER PIPE SET COMMENT",
    ]
    order = [statement.kind for statement in bench.snowflake.sent]
    pause, switch = order.index("ALTER PIPE SET PIPE_EXECUTION_PAUSED"), order.index("CREATE OR REPLACE PIPE")
    assert {"SELECT COPY_HISTORY", "LIST"} <= {*order[:pause]}, "tried beforehand"
    assert {"SELECT COPY_HISTORY", "SELECT files of rows"} <= {*order[pause:switch]}
    assert "LIST" in order[switch:]
    assert [row["grantee_name"] for row in bench.snowflake.pipes[CLICKS].grants] == ["OPS"]
    assert not bench.snowflake.pipes[CLICKS].paused
    assert loads(bench) == once("a", "b", "c", "d")


@pytest.mark.parametrize("last", ["CREATE OR REPLACE PIPE", "GRANT ON PIPE", "LIST", "ALTER PIPE REFRESH"])
@pytest.mark.parametrize("rolled_back", [False, True])
def test_the_next_request_completes_a_replacement_that_stopped_half_way(
    bench: Bench, last: str, rolled_back: bool
) -> None:
    landed(bench).snowflake.pipes[CLICKS].grants = [grant("MONITOR", "OPS"), grant("OPERATE", "NIGHT_SHIFT")]
    while_paused(bench, "d", notify=False)
    land = bench.snowflake.before

    def stop(statement: Statement) -> None:
        switched = any(isinstance(sent, ReplacePipe) for sent in bench.snowflake.sent[:-1])
        if switched and bench.snowflake.sent[-2].kind == last:
            raise KeyboardInterrupt
        land(statement)

    bench.snowflake.before = stop
    with pytest.raises(KeyboardInterrupt):
        update(bench, SKIP_FILE, PIPE)
    bench.snowflake.before = lambda _: None
    if rolled_back:
        update(bench, PIPE, SKIP_FILE)
    update(bench, SKIP_FILE, PIPE)
    there = bench.snowflake.pipes[CLICKS]
    assert {(row["privilege"], row["grantee_name"]) for row in there.grants} == {
        ("MONITOR", "OPS"),
        ("OPERATE", "NIGHT_SHIFT"),
    }
    assert "replacing" not in there.comment
    assert loads(bench) == once("a", "b", "c", "d")


def test_a_file_that_landed_before_the_pause_and_is_notified_after_the_switch_is_loaded_once(
    bench: Bench,
) -> None:
    landed(bench).snowflake.land(url("late"), notify=False)
    bench.clock.time += timedelta(minutes=1)
    bench.snowflake.land(url("d"))
    update(bench, SKIP_FILE, PIPE)
    assert loads(bench) == once("a", "b", "c", "late", "d")
    bench.snowflake.notify(url("late"))
    assert loads(bench) == once("a", "b", "c", "late", "d")
    prefixes = [s.prefix for s in bench.snowflake.sent if isinstance(s, RefreshPipe)]
    assert prefixes == ["late.gz"]


def test_the_rollback_of_a_replacement_loads_nothing_twice(bench: Bench) -> None:
    landed(bench)
    update(bench, SKIP_FILE, PIPE)
    bench.snowflake.land(url("d"))
    update(bench, PIPE, SKIP_FILE)
    assert bench.snowflake.pipes[CLICKS].copy.on_error == "CONTINUE"
    assert loads(bench) == once("a", "b", "c", "d")


def test_consecutive_replacements_load_nothing_twice(bench: Bench) -> None:
    """Snowflake drops the load history with each pipe; the rows of the table remain."""
    landed(bench)
    for old, new, of in ((PIPE, SKIP_FILE, "d"), (SKIP_FILE, PIPE, "e"), (PIPE, SKIP_FILE, "f")):
        update(bench, new, old)
        bench.snowflake.land(url(of))
        bench.clock.time += timedelta(minutes=1)
    update(bench, PIPE, SKIP_FILE)
    assert loads(bench) == once("a", "b", "c", "d", "e", "f")


def test_a_table_without_file_names_relies_on_the_load_history(bench: Bench) -> None:
    there = landed(bench).snowflake.pipes[CLICKS]
    there.copy = replace(there.copy, metadata=())
    update(bench, {**SKIP_FILE, "Metadata": []}, {**PIPE, "Metadata": []})
    assert loads(bench) == once("a", "b", "c")
    assert "may be loaded twice if that pipe was replaced" in bench.output.getvalue()
    assert not any(isinstance(statement, LoadedFiles) for statement in bench.snowflake.sent)


def test_a_pipe_with_new_metadata_columns_also_queries_the_old_ones(bench: Bench) -> None:
    landed(bench)
    scanned = {"Column": "READ_AT", "Source": "METADATA$START_SCAN_TIME"}
    update(bench, {**PIPE, "Metadata": [{"Column": "ORIGIN", "Source": "METADATA$FILENAME"}, scanned]}, PIPE)
    asked = {s.sql() for s in bench.snowflake.sent if isinstance(s, LoadedFiles)}
    assert {text.partition(" AS ")[0] for text in asked} == {
        'SELECT "ORIGIN"',
        'SELECT DISTINCT "SOURCE_FILE"',
    }
    assert {"WHERE" in text for text in asked if "ORIGIN" in text} == {True}


@pytest.mark.parametrize(
    "at", [ReplacePipe, ListStage, LoadedFiles, "SHOW GRANTS ON PIPE", "SELECT SYSTEM$PIPE_STATUS"]
)
def test_a_failure_before_the_switch_leaves_the_old_pipe_running(bench: Bench, at: Any) -> None:
    landed(bench)

    def fail(statement: Statement) -> None:
        if statement.kind == at or (isinstance(at, type) and isinstance(statement, at)):
            raise SnowflakeError("refused", code=3001)

    bench.snowflake.before = fail
    with pytest.raises(SnowflakeError, match="refused"):
        update(bench, SKIP_FILE, PIPE)
    bench.snowflake.before = lambda statement: None
    assert not bench.snowflake.pipes[CLICKS].paused
    update(bench, PIPE, SKIP_FILE)  # the rollback has nothing to do
    assert bench.snowflake.kinds == []
    bench.snowflake.land(url("d"))
    assert loads(bench) == once("a", "b", "c", "d")


def test_a_rollback_resumes_a_pipe_that_was_left_paused(bench: Bench) -> None:
    landed(bench).snowflake.pipes[CLICKS].paused = True  # the function was killed between pause and switch
    bench.snowflake.land(url("d"))
    update(bench, PIPE, SKIP_FILE)
    assert bench.snowflake.kinds == ["ALTER PIPE SET PIPE_EXECUTION_PAUSED"]
    assert loads(bench) == once("a", "b", "c", "d")


def test_the_rollback_repairs_a_failure_after_the_switch(bench: Bench) -> None:
    landed(bench)
    while_paused(bench, "d", notify=False)
    bench.snowflake.refuse[RefreshPipe] = SnowflakeError("access denied")
    with pytest.raises(SnowflakeError, match="access denied"):
        update(bench, SKIP_FILE, PIPE)
    bench.snowflake.refuse.clear()
    update(bench, PIPE, SKIP_FILE)
    assert loads(bench) == once("a", "b", "c", "d")


def test_a_pipe_that_never_becomes_idle_is_resumed_and_reported(bench: Bench) -> None:
    there = landed(bench).snowflake.pipes[CLICKS]

    def go_on_loading(statement: Statement) -> None:
        if there.paused:
            there.queue = there.queue[1:] or [(url("x"), bench.clock.now() - timedelta(seconds=5))] * 300

    bench.snowflake.before = go_on_loading
    with pytest.raises(OutOfTimeError, match=r"still has \d+ files in work"):
        update(bench, SKIP_FILE, PIPE)
    assert bench.snowflake.kinds == ["ALTER PIPE SET PIPE_EXECUTION_PAUSED"] * 2
    assert bench.clock.now() < bench.clock.end


def test_files_of_a_stalled_queue_are_found_and_loaded(bench: Bench) -> None:
    there = landed(bench).snowflake.pipes[CLICKS]

    def queue_just_before(statement: Statement) -> None:
        if isinstance(statement, PausePipe):
            there.paused = True
            bench.snowflake.land(url("d"))
            bench.clock.time += timedelta(seconds=1)

    bench.snowflake.before = queue_just_before
    update(bench, SKIP_FILE, PIPE)
    assert loads(bench) == once("a", "b", "c", "d")


def test_a_paused_pipe_runs_after_its_replacement(bench: Bench) -> None:
    landed(bench).snowflake.pipes[CLICKS].paused = True
    bench.snowflake.land(url("d"))
    update(bench, SKIP_FILE, PIPE)
    assert loads(bench) == once("a", "b", "c", "d")
    assert not bench.snowflake.pipes[CLICKS].paused


def test_a_failing_pipe_is_replaced_without_waiting_and_catches_up(bench: Bench) -> None:
    landed(bench).snowflake.pipes[CLICKS].state = "STALLED_COMPILATION_ERROR"
    bench.snowflake.land(url("d"))
    update(bench, SKIP_FILE, PIPE)
    assert loads(bench) == once("a", "b", "c", "d")


def test_a_stage_of_another_location_does_not_reload_known_files(bench: Bench) -> None:
    landed(bench).snowflake.lake["s3://lake/clicks/x.gz"] = bench.clock.now()
    send(bench, "Create", "Stage", {**STAGE, **name("WIDER"), "Url": "s3://lake/"})
    update(bench, {**PIPE, "Stage": name("WIDER"), "StageUrl": "s3://lake/"}, PIPE)
    assert loads(bench) == once("a", "b", "c") + Counter(["s3://lake/clicks/x.gz"])


def test_a_pipe_with_another_table_continues_with_new_files(bench: Bench) -> None:
    landed(bench)
    send(bench, "Create", "Table", {**TABLE, **name("CLICKS_2")})
    while_paused(bench, "d")
    update(bench, {**PIPE, "Table": name("CLICKS_2")}, PIPE)
    assert loads(bench) == once("a", "b", "c", "d")
    assert bench.snowflake.rows[ObjectName.of("CLICKSTREAM", "RAW", "CLICKS_2")] == once("d")


def test_a_pipe_whose_table_is_missing_is_replaced(bench: Bench) -> None:
    landed(bench).snowflake.pipes[CLICKS].state = "STOPPED_MISSING_TABLE"
    send(bench, "Create", "Table", {**TABLE, **name("CLICKS_2")})
    del bench.snowflake.tables[EVENTS]
    update(bench, {**PIPE, "Table": name("CLICKS_2")}, PIPE)
    assert sum(bench.snowflake.rows[ObjectName.of("CLICKSTREAM", "RAW", "CLICKS_2")].values()) == 3
    assert "table and its load history no longer exist" in bench.output.getvalue()
