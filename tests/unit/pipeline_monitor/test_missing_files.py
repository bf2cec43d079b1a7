"""Files of the lake that no pipe knows."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from clickstream_wire.metrics import PipeMetric
from clickstream_wire.repairs import repair_name
from pipeline_monitor.rounds import Round
from pipeline_monitor.statements import LoadHistory, PipeStates, RowFiles
from snowflake_setup.session.errors import ObjectMissingError
from snowflake_setup.session.logs import Log
from tests.unit.pipeline_monitor.fakes import CLICKS, ORDERS, Clock, FakeLake, FakeWarehouse, Load, round_of
from tests.unit.pipeline_monitor.measuring import HOUR, MINUTE, NOON

FOLDER = "dt=2026-11-23/hh=10/"
FILE = f"{FOLDER}a.gz"
LANDED = NOON - HOUR


def lake(**files: datetime) -> FakeLake:
    """A lake of clicks with one old file, and with these."""
    return FakeLake({"events/": {FILE: LANDED, **{f"{FOLDER}{name}": at for name, at in files.items()}}})


def missing(found: Round, events: str = "clicks") -> list[float]:
    return [each.value for each in found.measures[events] if each.metric == PipeMetric.FILES_MISSING]


def test_a_file_that_no_pipe_knows_is_counted_in_each_run_and_named() -> None:
    lines = io.StringIO()
    for hours in (0, 22):
        warehouse = FakeWarehouse(NOON + hours * HOUR)
        found = round_of("history", warehouse, lake=lake(), log=Log(stream=lines))
        assert missing(found) == [1]
    line = json.loads(lines.getvalue().splitlines()[1])
    assert (line["message"], line["events"], line["files"]) == ("files missing", "clicks", [FILE])


@pytest.mark.parametrize(
    "known",
    [
        {"loads": [Load(NOON - 50 * MINUTE, file=FILE)]},
        {"loads": [Load(NOON - 50 * MINUTE, file=f"events/{FILE}")]},
        {"loads": [Load(NOON - 50 * MINUTE, "Load failed", rows=0, file=FILE)]},
        {"loads": [Load(NOON - 50 * MINUTE, "Load in progress", rows=0, file=FILE)]},
        {"loads": [Load(NOON - 5 * HOUR, file=FILE)]},
        {"row_files": [f"events/{FILE}"]},
    ],
    ids=["loaded", "with its prefix", "failed", "in progress", "long ago", "by an earlier pipe"],
)
def test_a_file_that_snowflake_names_is_not_missing(known: dict[str, Any]) -> None:
    assert missing(round_of("history", FakeWarehouse(NOON, **known), lake=lake())) == [0]


def test_a_file_of_the_same_name_in_another_hour_is_another_file() -> None:
    other = Load(NOON - 2 * HOUR, file=FILE.replace("hh=10", "hh=09"))
    assert missing(round_of("history", FakeWarehouse(NOON, [other]), lake=lake())) == [1]


@pytest.mark.parametrize(
    ("minutes", "state", "count"),
    [
        (14, {}, []),
        (14, {"executionState": "PAUSED"}, []),
        (16, {"executionState": "PAUSED"}, None),
        (16, {"executionState": "STALLED_STAGE_PERMISSION_ERROR", "pendingFileCount": 0}, None),
        (16, {"pendingFileCount": 2}, None),
        (60, {"pendingFileCount": 2, "oldestFileTimestamp": "2026-11-23T11:14:00Z"}, []),
        (60, {"pendingFileCount": 2, "oldestFileTimestamp": "2026-11-23T11:16:00Z"}, ["a"]),
        (16, {}, ["a"]),
    ],
    ids=[
        "young",
        "young, and the pipe is paused",
        "the pipe is paused",
        "the pipe is stalled",
        "nothing is known of what waits",
        "it may wait for its pipe",
        "what waits is younger",
        "old",
    ],
)
def test_a_file_that_may_wait_for_its_pipe_is_not_missing(
    minutes: int, state: dict[str, Any], count: Sequence[str] | None
) -> None:
    landed = FakeLake({"events/": {FILE: NOON - minutes * MINUTE}})
    warehouse = FakeWarehouse(NOON)
    warehouse.status |= state
    found = round_of("history", warehouse, lake=landed)
    assert missing(found) == ([] if count is None else [len(count)])
    assert found.failures == {}


def test_a_file_with_a_repair_object_in_its_folder_is_not_missing_but_that_object_may_be() -> None:
    repair = repair_name(f"events/{FILE}", "3", b"{}")
    assert missing(round_of("history", FakeWarehouse(NOON), lake=lake(**{repair: NOON}))) == [0]
    old = lake(**{repair: LANDED})
    assert missing(round_of("history", FakeWarehouse(NOON), lake=old)) == [1]
    elsewhere = FakeLake({"events/": {FILE: LANDED, f"dt=2026-11-23/hh=09/{repair}": NOON}})
    assert missing(round_of("history", FakeWarehouse(NOON), lake=elsewhere)) == [1]


def test_a_lake_whose_files_are_known_needs_no_further_query() -> None:
    warehouse = FakeWarehouse(NOON, [Load(NOON - 50 * MINUTE, file=FILE)])
    assert missing(round_of("history", warehouse, CLICKS, ORDERS, lake=lake())) == [0]
    assert not [each for each in warehouse.asked if isinstance(each, PipeStates | RowFiles)]


def test_kinds_of_event_are_compared_independently() -> None:
    files = {"events/": {FILE: LANDED}, "orders/": {FILE: LANDED}}
    broken = round_of(
        "history", FakeWarehouse(NOON), CLICKS, ORDERS, lake=FakeLake(files, broken=["events/"])
    )
    assert (missing(broken), missing(broken, "orders")) == ([], [1])
    assert broken.failures == {"clicks": "MonitorError: events/ was not listed"}
    assert PipeMetric.FILES_LOADED in {each.metric for each in broken.measures["clicks"]}


@pytest.mark.parametrize("refused", [LoadHistory, PipeStates, RowFiles])
def test_without_an_answer_of_snowflake_nothing_is_known(refused: type) -> None:
    def refuse(query: object) -> None:
        if isinstance(query, refused) and CLICKS in query.pipes:  # type: ignore[attr-defined]  # as all queries
            raise ObjectMissingError("gone")

    files = {"events/": {FILE: LANDED}, "orders/": {FILE: LANDED}}
    warehouse = FakeWarehouse(NOON, refuse=refuse)
    found = round_of("history", warehouse, CLICKS, ORDERS, lake=FakeLake(files))
    assert (missing(found), missing(found, "orders")) == ([], [1])
    assert found.failures == {"clicks": "ObjectMissingError: gone"}


def test_listing_leaves_time_for_the_queries() -> None:
    clock = Clock(left=35)
    found = round_of(
        "history",
        FakeWarehouse(NOON, refuse=lambda _: clock.sleep(5)),
        CLICKS,
        ORDERS,
        clock=clock,
        lake=FakeLake(listing=lambda: clock.sleep(11)),
    )
    assert found.failures == {}
    assert sorted(missing(found) + missing(found, "orders")) == [0]


@pytest.mark.parametrize(("age", "asked"), [(timedelta(), True), (timedelta(minutes=50), False)])
def test_only_old_files_cost_a_query(age: timedelta, asked: bool) -> None:
    warehouse = FakeWarehouse(NOON)
    round_of("history", warehouse, lake=FakeLake({"events/": {FILE: LANDED + age}}))
    assert any(isinstance(each, RowFiles) for each in warehouse.asked) is asked
