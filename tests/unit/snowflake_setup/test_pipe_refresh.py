"""Files that landed before notifications were on are loaded, and none twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from snowflake_setup.session.errors import (
    DefinitionConflictError,
    OutOfTimeError,
)
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.pipe import RefreshPipe
from snowflake_setup.sql.stage import ListStage
from tests.unit.snowflake_setup.events import FULL, PIPE, REFRESH, STAGE, TABLE, name, send
from tests.unit.snowflake_setup.fake_session import START
from tests.unit.snowflake_setup.fakes import Bench
from tests.unit.snowflake_setup.pipes import (
    PIPE_ID,
    landed,
    loads,
    once,
    update,
    url,
)


def refresh(bench: Bench, request: str = "Create") -> None:
    refresh_id = f'acme/PIPE_REFRESH/{FULL}."CLICK_PIPE"'
    found = send(bench, request, "PipeRefresh", REFRESH, old=REFRESH, physical_id=refresh_id)
    assert found[0] == refresh_id


def test_a_refresh_loads_files_that_landed_before_notifications_were_on(bench: Bench) -> None:
    landed(bench)
    bench.snowflake.land(url("early"), notify=False)
    refresh(bench)
    assert loads(bench) == once("a", "b", "c", "early")
    refresh(bench, "Update")
    assert loads(bench) == once("a", "b", "c", "early")


@pytest.mark.parametrize("has_warehouse", [True, False])
def test_a_refresh_loads_files_older_than_the_pipe(bench: Bench, has_warehouse: bool) -> None:
    bench.snowflake.has_warehouse = has_warehouse
    bench.snowflake.lake[url("old")] = START - timedelta(days=2)
    send(bench, "Create", "Stage", STAGE)
    send(bench, "Create", "Table", TABLE)
    send(bench, "Create", "Pipe", PIPE)
    refresh(bench)
    assert loads(bench) == once("old")


@pytest.mark.parametrize("has_warehouse", [True, False])
def test_a_refresh_after_a_new_deployment_onto_a_kept_table_loads_nothing_twice(
    bench: Bench, has_warehouse: bool
) -> None:
    landed(bench).snowflake.has_warehouse = has_warehouse
    send(bench, "Delete", "Pipe", PIPE, physical_id=PIPE_ID)
    send(bench, "Create", "Pipe", PIPE)
    bench.snowflake.land(url("d"), notify=False)
    refresh(bench)
    assert loads(bench) == once("a", "b", "c", "d")


@pytest.mark.parametrize(("minutes", "queued"), [(-1, True), (1, False)])
def test_a_refresh_reaches_back_seven_days(bench: Bench, minutes: int, queued: bool) -> None:
    landed(bench)
    week_ago = bench.clock.now() - timedelta(days=7)
    bench.snowflake.lake[url("old")] = week_ago - timedelta(minutes=minutes)
    refresh(bench)
    assert any(isinstance(statement, RefreshPipe) for statement in bench.snowflake.sent) == queued


def test_files_loaded_by_another_pipe_within_seven_days_are_not_reloaded(bench: Bench) -> None:
    loaded_at = {"Column": "LOADED_AT", "Source": "METADATA$START_SCAN_TIME"}
    properties = {**PIPE, "Metadata": [*PIPE["Metadata"], loaded_at]}
    landed(bench)
    bench.snowflake.lake[url("a")] = bench.clock.now() - timedelta(days=7, minutes=-1)
    send(bench, "Delete", "Pipe", PIPE, physical_id=PIPE_ID)
    send(bench, "Create", "Pipe", properties)
    refresh(bench)
    assert loads(bench) == once("a", "b", "c")


def test_a_refresh_of_a_pipe_with_another_name_and_table_loads_nothing_twice(bench: Bench) -> None:
    """As when the database or schema changes."""
    landed(bench)
    send(bench, "Create", "Table", {**TABLE, **name("OTHERS")})
    update(bench, {**PIPE, **name("OTHER_PIPE"), "Table": name("OTHERS")}, PIPE)
    bench.snowflake.land(url("d"), notify=False)
    moved = {**REFRESH, "Pipe": name("OTHER_PIPE")}
    send(
        bench,
        "Update",
        "PipeRefresh",
        moved,
        old=REFRESH,
        physical_id=f'acme/PIPE_REFRESH/{FULL}."CLICK_PIPE"',
    )
    assert loads(bench) == once("a", "b", "c", "d")


def test_a_refresh_of_a_missing_pipe_is_an_error(bench: Bench) -> None:
    with pytest.raises(DefinitionConflictError, match=r"does not exist, so it cannot load"):
        refresh(bench)


def test_deleting_a_refresh_does_nothing(bench: Bench) -> None:
    landed(bench)
    refresh(bench, "Delete")
    assert bench.snowflake.sent == []


def test_running_out_of_time_in_a_refresh_reports_the_progress(bench: Bench) -> None:
    landed(bench).snowflake.lake[url("late")] = bench.clock.now() - timedelta(minutes=3)

    def end(statement: Statement) -> None:
        if isinstance(statement, ListStage):
            bench.clock.time = bench.clock.end

    bench.snowflake.before = end
    with pytest.raises(OutOfTimeError, match="after 0 groups of files were queued"):
        refresh(bench)


def test_a_file_that_no_refresh_can_select_is_named(bench: Bench) -> None:
    landed(bench).snowflake.lake["s3://lake/events/a"] = bench.clock.now() - timedelta(minutes=3)
    refresh(bench)
    assert loads(bench) == once("a", "b", "c")
    assert "load them with COPY INTO" in bench.output.getvalue()
