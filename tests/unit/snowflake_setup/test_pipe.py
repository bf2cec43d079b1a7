"""The pipe: left alone, commented or replaced; and each file loaded once whatever happens meanwhile."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snowflake_setup.errors import (
    DefinitionConflictError,
    OutOfTimeError,
    SetupError,
    SnowflakeError,
    WarehouseNeededError,
)
from snowflake_setup.identifiers import ObjectName
from snowflake_setup.statements.base import Describe, Drop, Statement
from snowflake_setup.statements.pipe import CreatePipe, GrantOnPipe, PausePipe, RefreshPipe, ReplacePipe
from snowflake_setup.statements.stage import ListStage
from snowflake_setup.statements.table import LoadedFiles
from tests.unit.snowflake_setup import fakes
from tests.unit.snowflake_setup.events import FILE_FORMAT, FULL, PIPE, STAGE, TABLE, name, send
from tests.unit.snowflake_setup.fakes import Bench, grant

CLICKS = ObjectName.of("CLICKSTREAM", "RAW", "CLICK_PIPE")
OTHER = ObjectName.of("CLICKSTREAM", "RAW", "OTHER_PIPE")
EVENTS = ObjectName.of("CLICKSTREAM", "RAW", "CLICK_EVENTS")
LAKE = ObjectName.of("CLICKSTREAM", "RAW", "LAKE")
PIPE_ID = f'acme/PIPE/{FULL}."CLICK_PIPE"'
SKIP_FILE = {**PIPE, "OnError": "SKIP_FILE"}


def url(of: str) -> str:
    return f"s3://lake/events/{of}.gz"


def landed(bench: Bench) -> Bench:
    """A deployed landing with three files loaded a minute apart."""
    send(bench, "Create", "FileFormat", FILE_FORMAT)
    send(bench, "Create", "Stage", STAGE)
    send(bench, "Create", "Table", TABLE)
    send(bench, "Create", "Pipe", PIPE)
    for of in ("a", "b", "c"):
        bench.snowflake.land(url(of))
        bench.clock.time += timedelta(minutes=1)
    return bench


def update(
    bench: Bench, new: dict[str, Any], old: dict[str, Any], physical_id: str = PIPE_ID
) -> tuple[str, Any]:
    return send(bench, "Update", "Pipe", new, old=old, physical_id=physical_id)


def loads(bench: Bench) -> Counter[str]:
    return bench.snowflake.rows.get(EVENTS, Counter())


def once(*names: str) -> Counter[str]:
    return Counter({url(of): 1 for of in names})


# create


def test_create_returns_the_channel_that_the_bucket_has_to_notify(bench: Bench) -> None:
    physical_id, data = send(bench, "Create", "Pipe", PIPE)
    assert physical_id == PIPE_ID
    assert data == {
        "FullName": f'{FULL}."CLICK_PIPE"',
        "NotificationChannel": "arn:aws:sqs:eu-west-1:123456789012:sf-snowpipe-X",
    }
    assert bench.snowflake.kinds == ["CREATE PIPE"]
    assert bench.snowflake.pipes[CLICKS].comment.startswith("loads clicks [def:")


def test_an_equal_pipe_is_adopted_with_its_history(bench: Bench) -> None:
    landed(bench)
    send(bench, "Create", "Pipe", PIPE)
    assert bench.snowflake.kinds == []
    assert bench.snowflake.pipes[CLICKS].loaded


def test_an_equal_pipe_without_our_mark_is_adopted_and_marked(bench: Bench) -> None:
    landed(bench).snowflake.pipes[CLICKS].comment = "made by hand"
    send(bench, "Create", "Pipe", PIPE)
    assert bench.snowflake.kinds == ["ALTER PIPE SET COMMENT"]


def test_a_different_pipe_of_that_name_is_refused(bench: Bench) -> None:
    landed(bench)
    with pytest.raises(DefinitionConflictError, match=r"exists already and differs.*ON_ERROR = CONTINUE"):
        send(bench, "Create", "Pipe", SKIP_FILE)
    assert bench.snowflake.kinds == []


def test_a_pipe_that_nothing_can_notify_is_refused_and_removed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe = fakes.FakeSnowflake._describe

    def without_channel(self: fakes.FakeSnowflake, statement: Describe) -> list[Any]:
        return [{**row, "notification_channel": None} for row in describe(self, statement)]

    monkeypatch.setattr(fakes.FakeSnowflake, "_describe", without_channel)
    with pytest.raises(DefinitionConflictError, match="no notification channel"):
        send(bench, "Create", "Pipe", PIPE)
    assert bench.snowflake.kinds == ["CREATE PIPE", "DROP PIPE"]


# update in place


def test_an_unchanged_pipe_is_not_touched(bench: Bench) -> None:
    landed(bench)
    update(bench, PIPE, PIPE)
    assert bench.snowflake.kinds == []


def test_a_comment_is_altered(bench: Bench) -> None:
    landed(bench)
    update(bench, {**PIPE, "Comment": "other"}, PIPE)
    assert bench.snowflake.kinds == ["ALTER PIPE SET COMMENT"]
    assert bench.snowflake.pipes[CLICKS].comment.startswith("other [def:")


def test_a_pipe_somebody_changed_by_hand_is_brought_back(bench: Bench) -> None:
    landed(bench).snowflake.pipes[CLICKS].comment = "[def:0123456789abcdef]"
    update(bench, {**PIPE, "Comment": "other"}, PIPE)
    assert "CREATE OR REPLACE PIPE" in bench.snowflake.kinds
    assert loads(bench) == once("a", "b", "c")


# replacement


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
        "GRANT ON PIPE",
        "ALTER PIPE REFRESH",
        "ALTER PIPE SET COMMENT",
    ]
    order = [statement.kind for statement in bench.snowflake.sent]
    pause, switch = order.index("ALTER PIPE SET PIPE_EXECUTION_PAUSED"), order.index("CREATE OR REPLACE PIPE")
    assert {"SELECT COPY_HISTORY", "SELECT DISTINCT files", "LIST"} <= {*order[:pause]}, "tried beforehand"
    assert {"SELECT COPY_HISTORY", "SELECT DISTINCT files"} <= {*order[pause:switch]}
    assert "LIST" in order[switch:]
    assert [row["grantee_name"] for row in bench.snowflake.pipes[CLICKS].grants] == ["OPS"]
    assert not bench.snowflake.pipes[CLICKS].paused
    assert loads(bench) == once("a", "b", "c", "d")


@pytest.mark.parametrize("last", ["CREATE OR REPLACE PIPE", "GRANT ON PIPE", "LIST", "ALTER PIPE REFRESH"])
@pytest.mark.parametrize("rolled_back", [False, True])
def test_a_replacement_that_stopped_half_way_is_carried_through_by_the_next_request(
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


def while_paused(bench: Bench, *names: str, notify: bool = True) -> None:
    """Have files land between the pause and the new pipe."""

    def land(statement: Statement) -> None:
        if isinstance(statement, ReplacePipe | CreatePipe):
            bench.clock.time += timedelta(seconds=20)
            for of in names:
                bench.snowflake.land(url(of), notify=notify)

    bench.snowflake.before = land


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


def test_the_rollback_of_a_replacement_is_a_replacement_that_loads_nothing_twice(bench: Bench) -> None:
    landed(bench)
    update(bench, SKIP_FILE, PIPE)
    bench.snowflake.land(url("d"))
    update(bench, PIPE, SKIP_FILE)
    assert bench.snowflake.pipes[CLICKS].copy.on_error == "CONTINUE"
    assert loads(bench) == once("a", "b", "c", "d")


def test_one_replacement_after_another_loads_nothing_twice(bench: Bench) -> None:
    """With each pipe Snowflake forgets what it has loaded; the rows of the table do not."""
    landed(bench)
    for old, new, of in ((PIPE, SKIP_FILE, "d"), (SKIP_FILE, PIPE, "e"), (PIPE, SKIP_FILE, "f")):
        update(bench, new, old)
        bench.snowflake.land(url(of))
        bench.clock.time += timedelta(minutes=1)
    update(bench, PIPE, SKIP_FILE)
    assert loads(bench) == once("a", "b", "c", "d", "e", "f")


def test_a_table_that_does_not_keep_the_file_of_a_row_leaves_the_history_alone_to_tell(bench: Bench) -> None:
    there = landed(bench).snowflake.pipes[CLICKS]
    there.copy = replace(there.copy, metadata=())
    update(bench, {**SKIP_FILE, "Metadata": []}, {**PIPE, "Metadata": []})
    assert loads(bench) == once("a", "b", "c")
    assert "may be loaded twice if that pipe was replaced" in bench.output.getvalue()
    assert not any(isinstance(statement, LoadedFiles) for statement in bench.snowflake.sent)


def test_a_pipe_that_gets_other_columns_asks_for_the_old_ones_too(bench: Bench) -> None:
    landed(bench)
    scanned = {"Column": "READ_AT", "Source": "METADATA$START_SCAN_TIME"}
    update(bench, {**PIPE, "Metadata": [{"Column": "ORIGIN", "Source": "METADATA$FILENAME"}, scanned]}, PIPE)
    asked = {s.sql() for s in bench.snowflake.sent if isinstance(s, LoadedFiles)}
    assert {text.partition(" AS ")[0] for text in asked} == {
        'SELECT DISTINCT "ORIGIN"',
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
    update(bench, PIPE, SKIP_FILE)  # the rollback finds nothing to do
    assert bench.snowflake.kinds == []
    bench.snowflake.land(url("d"))
    assert loads(bench) == once("a", "b", "c", "d")


def test_a_rollback_resumes_a_pipe_that_was_left_paused(bench: Bench) -> None:
    landed(bench).snowflake.pipes[CLICKS].paused = True  # the function was ended between pause and switch
    bench.snowflake.land(url("d"))
    update(bench, PIPE, SKIP_FILE)
    assert bench.snowflake.kinds == ["ALTER PIPE SET PIPE_EXECUTION_PAUSED"]
    assert loads(bench) == once("a", "b", "c", "d")


def test_a_failure_after_the_switch_is_made_good_by_the_rollback(bench: Bench) -> None:
    landed(bench)
    while_paused(bench, "d", notify=False)
    bench.snowflake.refuse[RefreshPipe] = SnowflakeError("access denied")
    with pytest.raises(SnowflakeError, match="access denied"):
        update(bench, SKIP_FILE, PIPE)
    bench.snowflake.refuse.clear()
    update(bench, PIPE, SKIP_FILE)
    assert loads(bench) == once("a", "b", "c", "d")


def test_a_pipe_that_is_never_through_is_resumed_and_told(bench: Bench) -> None:
    there = landed(bench).snowflake.pipes[CLICKS]

    def go_on_loading(statement: Statement) -> None:
        if there.paused:
            there.queue = there.queue[1:] or [(url("x"), bench.clock.now() - timedelta(seconds=5))] * 300

    bench.snowflake.before = go_on_loading
    with pytest.raises(OutOfTimeError, match=r"still has \d+ files in work"):
        update(bench, SKIP_FILE, PIPE)
    assert bench.snowflake.kinds == ["ALTER PIPE SET PIPE_EXECUTION_PAUSED"] * 2
    assert bench.clock.now() < bench.clock.end


def test_a_queue_that_stands_still_dies_with_its_pipe_and_its_files_are_found(bench: Bench) -> None:
    there = landed(bench).snowflake.pipes[CLICKS]

    def queue_just_before(statement: Statement) -> None:
        if isinstance(statement, PausePipe) and statement.paused:
            there.paused = True
            bench.snowflake.land(url("d"))
            bench.clock.time += timedelta(seconds=1)

    bench.snowflake.before = queue_just_before
    update(bench, SKIP_FILE, PIPE)
    assert loads(bench) == once("a", "b", "c", "d")


def test_a_pipe_that_was_paused_runs_afterwards(bench: Bench) -> None:
    landed(bench).snowflake.pipes[CLICKS].paused = True
    bench.snowflake.land(url("d"))
    update(bench, SKIP_FILE, PIPE)
    assert loads(bench) == once("a", "b", "c", "d")
    assert not bench.snowflake.pipes[CLICKS].paused


def unseen(bench: Bench, of: str) -> None:
    """A file of which no row is left, and which the history does not show yet."""
    bench.snowflake.history_lag = {url(of)}
    del bench.snowflake.rows[EVENTS][url(of)]


def test_a_history_that_lags_is_waited_for(bench: Bench) -> None:
    unseen(landed(bench), "c")
    bench.clock.while_sleeping = bench.snowflake.history_lag.clear
    update(bench, SKIP_FILE, PIPE)
    assert loads(bench) == once("a", "b")


def test_a_history_that_never_comes_stops_before_the_switch(bench: Bench) -> None:
    unseen(landed(bench), "c")
    with pytest.raises(OutOfTimeError, match=r"reports c\.gz as its last loaded file"):
        update(bench, SKIP_FILE, PIPE)
    assert not any(isinstance(statement, ReplacePipe) for statement in bench.snowflake.sent)
    assert not bench.snowflake.pipes[CLICKS].paused


def test_without_a_warehouse_nothing_is_touched_and_the_way_out_is_told(bench: Bench) -> None:
    landed(bench).snowflake.has_warehouse = False
    with pytest.raises(WarehouseNeededError, match="set SNOWFLAKE_WAREHOUSE"):
        update(bench, SKIP_FILE, PIPE)
    assert bench.snowflake.kinds == []


def test_without_a_warehouse_an_empty_table_needs_no_history(bench: Bench) -> None:
    landed(bench).snowflake.has_warehouse = False
    bench.snowflake.rows.clear()
    bench.snowflake.pipes[CLICKS].last = None
    update(bench, SKIP_FILE, PIPE)
    assert loads(bench) == once("a", "b", "c")


def test_a_broken_pipe_is_replaced_without_waiting_and_catches_up(bench: Bench) -> None:
    landed(bench).snowflake.pipes[CLICKS].state = "STALLED_COMPILATION_ERROR"
    bench.snowflake.land(url("d"))
    update(bench, SKIP_FILE, PIPE)
    assert loads(bench) == once("a", "b", "c", "d")


def test_a_grant_that_cannot_be_restored_stops_before_the_pause(bench: Bench) -> None:
    landed(bench).snowflake.pipes[CLICKS].grants = [grant("MONITOR", "PARTNER", "SHARE")]
    with pytest.raises(DefinitionConflictError, match="granted to the SHARE PARTNER"):
        update(bench, SKIP_FILE, PIPE)
    assert bench.snowflake.kinds == []


def test_a_moved_stage_is_taken_over_without_loading_known_files_again(bench: Bench) -> None:
    landed(bench).snowflake.lake["s3://lake/clicks/x.gz"] = bench.clock.now()
    wider = {**STAGE, "Url": "s3://lake/"}
    send(bench, "Update", "Stage", wider, old=STAGE, physical_id=f'acme/STAGE/{FULL}."LAKE"')
    update(bench, {**PIPE, "StageUrl": "s3://lake/"}, PIPE)
    assert loads(bench) == once("a", "b", "c") + Counter(["s3://lake/clicks/x.gz"])
    assert "the stage moved" in bench.output.getvalue()


def test_a_pipe_that_changes_its_table_goes_on_where_it_was(bench: Bench) -> None:
    landed(bench)
    send(bench, "Create", "Table", {**TABLE, **name("CLICKS_2")})
    while_paused(bench, "d")
    update(bench, {**PIPE, "Table": name("CLICKS_2")}, PIPE)
    assert loads(bench) == once("a", "b", "c")
    assert bench.snowflake.rows[ObjectName.of("CLICKSTREAM", "RAW", "CLICKS_2")] == once("d")


# a new name


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


def test_a_rename_that_fails_half_way_is_made_good_by_the_rollback(bench: Bench) -> None:
    landed(bench).snowflake.pipes[CLICKS].grants = [grant("MONITOR", "OPS")]
    while_paused(bench, "d")
    bench.snowflake.refuse[GrantOnPipe] = SnowflakeError("no such role")
    new = {**PIPE, **name("OTHER_PIPE")}
    with pytest.raises(SnowflakeError, match="no such role"):
        update(bench, new, PIPE)
    assert bench.snowflake.kinds[-1] == "DROP PIPE"
    assert list(bench.snowflake.pipes) == [CLICKS]
    bench.snowflake.refuse.clear()
    update(bench, PIPE, new)  # CloudFormation still holds the old id
    bench.snowflake.land(url("e"))
    assert not bench.snowflake.pipes[CLICKS].paused
    assert loads(bench) == once("a", "b", "c", "d", "e")


def test_a_rename_whose_function_was_ended_is_rolled_back_without_loading_twice(bench: Bench) -> None:
    landed(bench)
    new = {**PIPE, **name("OTHER_PIPE")}
    update(bench, new, PIPE)  # carried out, but the answer never reached CloudFormation
    bench.snowflake.land(url("d"))
    update(bench, PIPE, new)
    bench.snowflake.land(url("e"))
    assert {str(name): there.paused for name, there in bench.snowflake.pipes.items()} == {
        str(CLICKS): False,
        str(OTHER): True,
    }
    assert loads(bench) == once("a", "b", "c", "d", "e")
    assert "left this pipe behind" in bench.output.getvalue()


def test_the_rollback_of_a_refused_rename_touches_nobodys_pipe(bench: Bench) -> None:
    landed(bench)
    theirs = {**SKIP_FILE, **name("OTHER_PIPE")}
    send(bench, "Create", "Pipe", theirs)
    update(bench, PIPE, {**PIPE, **name("OTHER_PIPE")})
    assert bench.snowflake.kinds == []


def test_a_pipe_whose_table_is_gone_is_replaced(bench: Bench) -> None:
    landed(bench).snowflake.pipes[CLICKS].state = "STOPPED_MISSING_TABLE"
    send(bench, "Create", "Table", {**TABLE, **name("CLICKS_2")})
    del bench.snowflake.tables[EVENTS]
    update(bench, {**PIPE, "Table": name("CLICKS_2")}, PIPE)
    assert sum(bench.snowflake.rows[ObjectName.of("CLICKSTREAM", "RAW", "CLICKS_2")].values()) == 3
    assert "table is gone" in bench.output.getvalue()


def test_running_out_of_time_while_feeding_says_how_far_it_came(bench: Bench) -> None:
    landed(bench).snowflake.lake[url("late")] = bench.clock.now() - timedelta(minutes=3)

    def end(statement: Statement) -> None:
        if isinstance(statement, ListStage):
            bench.clock.time = bench.clock.end

    bench.snowflake.before = end
    with pytest.raises(OutOfTimeError, match="given 0 of 1 groups of files"):
        refresh(bench)


def test_a_file_that_cannot_be_chosen_alone_is_named(bench: Bench) -> None:
    landed(bench).snowflake.lake["s3://lake/events/a"] = bench.clock.now() - timedelta(minutes=3)
    refresh(bench)
    assert loads(bench) == once("a", "b", "c")
    assert "load them with COPY INTO" in bench.output.getvalue()


def test_a_rename_onto_somebody_elses_pipe_is_refused(bench: Bench) -> None:
    landed(bench)
    send(bench, "Create", "Pipe", {**SKIP_FILE, **name("OTHER_PIPE")})
    with pytest.raises(DefinitionConflictError, match=r"OTHER_PIPE.*exists already and differs"):
        update(bench, {**PIPE, **name("OTHER_PIPE")}, PIPE)
    assert bench.snowflake.kinds == []


# whatever happens meanwhile

arrivals = st.lists(st.tuples(st.integers(0, 25), st.booleans(), st.integers(0, 3)), max_size=12)


@settings(max_examples=150, deadline=None)
@given(arrivals=arrivals, fail_at=st.one_of(st.none(), st.integers(0, 20)), rename=st.booleans())
def test_each_file_is_loaded_once_whenever_it_lands_is_notified_or_the_update_fails(
    arrivals: list[tuple[int, bool, int]], fail_at: int | None, rename: bool
) -> None:
    """Files land before any statement, notified at once or late; one statement may fail, and then it is rolled back."""
    bench = landed(fakes.bench())
    late: list[str] = []
    step = 0

    def meanwhile(statement: Statement) -> None:
        nonlocal step
        for number, (at, notified, seconds) in enumerate(arrivals):
            if at == step:
                bench.clock.time += timedelta(milliseconds=seconds * 400)
                bench.snowflake.land(url(f"n{number}"), notify=notified)
                if not notified:
                    late.append(url(f"n{number}"))
        step += 1
        if step - 1 == fail_at:
            raise SnowflakeError("bad luck")

    bench.snowflake.before = meanwhile
    new = {**SKIP_FILE, **name("OTHER_PIPE")} if rename else SKIP_FILE
    try:
        physical_id, _ = update(bench, new, PIPE)
        bench.snowflake.before = lambda statement: None
        if physical_id != PIPE_ID:
            send(bench, "Delete", "Pipe", PIPE, physical_id=PIPE_ID)
    except SetupError:
        bench.snowflake.before = lambda statement: None
        # Later than a second replacement is too late: see the last words of `pipe_replacement`'s docstring.
        while late:
            bench.snowflake.notify(late.pop())
        update(bench, PIPE, new)
    for waiting in late:
        bench.snowflake.notify(waiting)
    assert loads(bench) == Counter(dict.fromkeys(bench.snowflake.lake, 1))
    assert [there.paused for there in bench.snowflake.pipes.values()] == [False]


# refresh


def refresh(bench: Bench, request: str = "Create") -> None:
    properties = {"Pipe": name("CLICK_PIPE"), "Trigger": "1"}
    refresh_id = f'acme/PIPE_REFRESH/{FULL}."CLICK_PIPE"'
    found = send(bench, request, "PipeRefresh", properties, old=properties, physical_id=refresh_id)
    assert found[0] == refresh_id


def test_a_refresh_loads_what_landed_before_the_notification(bench: Bench) -> None:
    landed(bench)
    bench.snowflake.land(url("early"), notify=False)
    refresh(bench)
    assert loads(bench) == once("a", "b", "c", "early")
    refresh(bench, "Update")
    assert loads(bench) == once("a", "b", "c", "early")


@pytest.mark.parametrize("has_warehouse", [True, False])
def test_a_refresh_takes_a_lake_that_is_older_than_the_pipe(bench: Bench, has_warehouse: bool) -> None:
    bench.snowflake.has_warehouse = has_warehouse
    bench.snowflake.lake[url("old")] = fakes.START - timedelta(days=2)
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


def test_a_refresh_leaves_alone_what_it_cannot_reach(bench: Bench) -> None:
    landed(bench).snowflake.lake[url("a-week-ago")] = fakes.START - timedelta(days=8)
    refresh(bench)
    assert not any(isinstance(statement, RefreshPipe) for statement in bench.snowflake.sent)


def test_a_refresh_of_a_pipe_that_is_not_there_is_told(bench: Bench) -> None:
    with pytest.raises(DefinitionConflictError, match=r"does not exist, so it cannot load"):
        refresh(bench)


def test_deleting_a_refresh_does_nothing(bench: Bench) -> None:
    landed(bench)
    refresh(bench, "Delete")
    assert bench.snowflake.sent == []


def test_deleting_a_pipe_drops_it_alone(bench: Bench) -> None:
    landed(bench)
    send(bench, "Delete", "Pipe", PIPE, physical_id=PIPE_ID)
    assert [type(statement) for statement in bench.snowflake.sent] == [Drop]
    assert EVENTS in bench.snowflake.tables
    assert LAKE in bench.snowflake.stages
    assert not any(isinstance(statement, PausePipe) for statement in bench.snowflake.sent)
