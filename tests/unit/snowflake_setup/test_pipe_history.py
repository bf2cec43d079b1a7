"""A pipe is replaced only when its load history is known."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta

import pytest

from snowflake_setup.session.errors import (
    OutOfTimeError,
    WarehouseNeededError,
)
from snowflake_setup.sql.pipe import ReplacePipe
from tests.unit.snowflake_setup.events import PIPE
from tests.unit.snowflake_setup.fakes import Bench
from tests.unit.snowflake_setup.pipes import (
    CLICKS,
    EVENTS,
    SKIP_FILE,
    landed,
    loads,
    once,
    update,
    url,
)


def unseen(bench: Bench, of: str) -> None:
    """A file without rows in the table that the load history does not show yet."""
    bench.snowflake.history_lag = {url(of)}
    del bench.snowflake.rows[EVENTS][url(of)]


def test_a_lagging_load_history_is_awaited(bench: Bench) -> None:
    unseen(landed(bench), "c")
    bench.clock.while_sleeping = bench.snowflake.history_lag.clear
    update(bench, SKIP_FILE, PIPE)
    assert loads(bench) == once("a", "b")


def test_a_load_history_that_never_catches_up_stops_before_the_switch(bench: Bench) -> None:
    unseen(landed(bench), "c")
    with pytest.raises(OutOfTimeError, match=r"reports c\.gz as its last loaded file"):
        update(bench, SKIP_FILE, PIPE)
    assert not any(isinstance(statement, ReplacePipe) for statement in bench.snowflake.sent)
    assert not bench.snowflake.pipes[CLICKS].paused


@pytest.mark.parametrize(("minutes", "awaited"), [(-1, True), (1, False)])
def test_the_load_history_is_queried_for_a_last_file_up_to_seven_days_old(
    bench: Bench, minutes: int, awaited: bool
) -> None:
    unseen(landed(bench), "c")
    age = timedelta(days=7, minutes=minutes)
    bench.snowflake.pipes[CLICKS].last = (url("c"), bench.clock.now() - age)
    with pytest.raises(OutOfTimeError) if awaited else nullcontext():
        update(bench, SKIP_FILE, PIPE)


def test_without_a_warehouse_nothing_changes_and_the_error_has_advice(bench: Bench) -> None:
    landed(bench).snowflake.has_warehouse = False
    with pytest.raises(WarehouseNeededError, match="set SNOWFLAKE_WAREHOUSE"):
        update(bench, SKIP_FILE, PIPE)
    assert bench.snowflake.kinds == []


def test_an_empty_table_needs_no_warehouse(bench: Bench) -> None:
    landed(bench).snowflake.has_warehouse = False
    bench.snowflake.rows.clear()
    bench.snowflake.pipes[CLICKS].last = None
    update(bench, SKIP_FILE, PIPE)
    assert loads(bench) == once("a", "b", "c")
