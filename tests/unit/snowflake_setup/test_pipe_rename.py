"""A renamed pipe takes over from the old one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest

from snowflake_setup.session.errors import (
    DefinitionConflictError,
    SnowflakeError,
)
from snowflake_setup.sql.pipe import RefreshPipe
from tests.unit.snowflake_setup.events import FULL, PIPE, TABLE, name, send
from tests.unit.snowflake_setup.fake_pipe import grant
from tests.unit.snowflake_setup.fakes import Bench
from tests.unit.snowflake_setup.pipes import (
    CLICKS,
    OTHER,
    PIPE_ID,
    SKIP_FILE,
    landed,
    loads,
    once,
    update,
    url,
    while_paused,
)


def test_a_renamed_pipe_takes_over_from_a_paused_one(bench: Bench) -> None:
    landed(bench)
    while_paused(bench, "d")
    new = {**PIPE, **name("OTHER_PIPE")}
    physical_id, _ = update(bench, new, PIPE)
    assert physical_id == f'acme/PIPE/{FULL}."OTHER_PIPE"'
    bench.snowflake.land(url("e"))
    assert bench.snowflake.pipes[CLICKS].paused
    send(bench, "Delete", "Pipe", PIPE, physical_id=PIPE_ID)
    assert list(bench.snowflake.pipes) == [OTHER]
    assert loads(bench) == once("a", "b", "c", "d", "e")


def test_a_rename_that_is_rolled_back_later_loads_nothing_twice(bench: Bench) -> None:
    landed(bench)
    new = {**PIPE, **name("OTHER_PIPE")}
    new_id, _ = update(bench, new, PIPE)
    bench.snowflake.land(url("d"))
    assert update(bench, PIPE, new, new_id)[0] == PIPE_ID
    bench.snowflake.land(url("e"))
    send(bench, "Delete", "Pipe", new, physical_id=new_id)
    assert not bench.snowflake.pipes[CLICKS].paused
    assert loads(bench) == once("a", "b", "c", "d", "e")


def test_the_rollback_repairs_a_rename_that_failed_half_way(bench: Bench) -> None:
    landed(bench).snowflake.pipes[CLICKS].grants = [grant("MONITOR", "OPS")]
    while_paused(bench, "d")
    bench.snowflake.refuse[RefreshPipe] = SnowflakeError("access denied")
    new = {**PIPE, **name("OTHER_PIPE")}
    with pytest.raises(SnowflakeError, match="access denied"):
        update(bench, new, PIPE)
    assert bench.snowflake.kinds[-1] == "DROP PIPE"
    assert list(bench.snowflake.pipes) == [CLICKS]
    bench.snowflake.refuse.clear()
    update(bench, PIPE, new)  # CloudFormation still has the old id
    bench.snowflake.land(url("e"))
    assert not bench.snowflake.pipes[CLICKS].paused
    assert loads(bench) == once("a", "b", "c", "d", "e")


def test_a_rename_whose_function_was_killed_is_rolled_back_without_loading_twice(bench: Bench) -> None:
    landed(bench)
    new = {**PIPE, **name("OTHER_PIPE")}
    update(bench, new, PIPE)  # executed, but the answer never reached CloudFormation
    bench.snowflake.land(url("d"))
    update(bench, PIPE, new)
    bench.snowflake.land(url("e"))
    assert {str(name): there.paused for name, there in bench.snowflake.pipes.items()} == {
        str(CLICKS): False,
        str(OTHER): True,
    }
    assert loads(bench) == once("a", "b", "c", "d", "e")
    assert "left this pipe behind" in bench.output.getvalue()


def test_the_rollback_of_a_refused_rename_changes_no_pipe(bench: Bench) -> None:
    landed(bench)
    theirs = {**SKIP_FILE, **name("OTHER_PIPE")}
    send(bench, "Create", "Pipe", theirs)
    update(bench, PIPE, {**PIPE, **name("OTHER_PIPE")})
    assert bench.snowflake.kinds == []


def test_a_rename_to_the_name_of_a_foreign_pipe_is_refused(bench: Bench) -> None:
    landed(bench)
    send(bench, "Create", "Pipe", {**SKIP_FILE, **name("OTHER_PIPE")})
    with pytest.raises(DefinitionConflictError, match=r"OTHER_PIPE.*exists already and differs"):
        update(bench, {**PIPE, **name("OTHER_PIPE")}, PIPE)
    assert bench.snowflake.kinds == []


def test_a_second_move_does_not_load_what_the_first_table_has(bench: Bench) -> None:
    """As when database and schema change one after the other."""
    landed(bench)
    old = PIPE
    for number, of in ((2, "d"), (3, "e")):
        send(bench, "Create", "Table", {**TABLE, **name(f"EVENTS_{number}")})
        new = {**PIPE, **name(f"PIPE_{number}"), "Table": name(f"EVENTS_{number}")}
        bench.clock.time += timedelta(minutes=1)
        pipe = f'acme/PIPE/{FULL}."{old["Name"]}"'
        update(bench, new, old, pipe)
        send(bench, "Delete", "Pipe", old, physical_id=pipe)
        bench.snowflake.land(url(of))
        old = new
    assert loads(bench) == once("a", "b", "c", "d", "e")


@pytest.mark.parametrize("tables", [("CLICKS_2", "CLICK_EVENTS"), ("CLICKS_2", "CLICKS_3", "CLICKS_2")])
@pytest.mark.parametrize("queued", [False, True])
def test_a_table_that_the_pipe_comes_back_to_does_not_get_what_others_have(
    bench: Bench, tables: Sequence[str], queued: bool
) -> None:
    """Nor does one that is older than the pipe's files because it was another kind's; files may wait meanwhile."""
    landed(bench)
    for table in {*tables} - {"CLICK_EVENTS"}:
        send(bench, "Create", "Table", {**TABLE, **name(table)})
    old, expected = PIPE, Counter(once("a", "b", "c"))
    for number, table in enumerate(tables):
        new = {**PIPE, "Table": name(table)}
        bench.clock.time += timedelta(minutes=1)
        update(bench, new, old)
        bench.snowflake.land(url(str(number)))
        expected += once(str(number))
        old = new
    bench.snowflake.pipes[CLICKS].paused = queued
    bench.snowflake.land(url("waits"))
    for on_error in ("SKIP_FILE", "CONTINUE"):
        new = {**old, "OnError": on_error}
        update(bench, new, old)
        old = new
    send(bench, "Create", "PipeRefresh", {"Pipe": name("CLICK_PIPE"), "Trigger": "now"})
    assert loads(bench) == expected + once("waits")


def test_former_tables_are_forgotten_after_a_week(bench: Bench) -> None:
    landed(bench)
    send(bench, "Create", "Table", {**TABLE, **name("CLICKS_2")})
    moved = {**PIPE, "Table": name("CLICKS_2")}
    update(bench, moved, PIPE)
    assert "CLICK_EVENTS" in bench.snowflake.pipes[CLICKS].comment
    bench.clock.later(timedelta(days=7, minutes=1))
    update(bench, {**moved, "OnError": "SKIP_FILE"}, moved)
    assert "CLICK_EVENTS" not in bench.snowflake.pipes[CLICKS].comment
