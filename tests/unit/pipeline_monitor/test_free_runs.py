"""Runs of the monitor without a warehouse, and what wakes it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from clickstream_wire.metrics import PipeMetric
from pipeline_monitor.errors import MonitorError
from pipeline_monitor.reports import Past
from pipeline_monitor.rounds import Round
from tests.unit.pipeline_monitor.fakes import (
    CLICKS,
    ORDERS,
    Clock,
    FakeLake,
    FakeReports,
    FakeWarehouse,
    Load,
    round_of,
)
from tests.unit.pipeline_monitor.measuring import FIVE, HOUR, MINUTE, NOON, by_time

FOLDER = "dt=2026-11-23/hh=11/"
WELL = Past(reported=NOON - FIVE, compared=NOON - 3 * HOUR, canary=NOON - MINUTE)


def file(written: datetime) -> str:
    """A file by Firehose's name, whose oldest event is a minute older."""
    return f"{FOLDER}clicks-1-{written - MINUTE:%Y-%m-%d-%H-%M-%S}-5f.gz"


WRITTEN = [NOON - minutes * MINUTE for minutes in range(1, 40)]
LOADS = [Load(at + timedelta(seconds=20), file=file(at)) for at in WRITTEN]
LAKE = FakeLake({"events/": {file(at): at for at in WRITTEN}}, since=NOON - HOUR)


def run(loads: list[Load] = LOADS, past: Past = WELL, lake: FakeLake = LAKE, **account: Any) -> Round:
    warehouse = FakeWarehouse(NOON, loads, **account)
    return round_of("history", warehouse, past={"clicks": past}, histories=FakeReports(warehouse), lake=lake)


def woken(found: Round) -> bool:
    assert isinstance(found.session, FakeWarehouse)
    return found.session.woken


def without(minutes: int) -> list[Load]:
    """The loads without that of the file written so long ago."""
    return [load for load in LOADS if load.file != file(NOON - minutes * MINUTE)]


def value(found: Round, metric: PipeMetric) -> list[float]:
    return [each.value for each in found.measures["clicks"] if each.metric == metric]


def test_a_run_without_a_warehouse_publishes_what_one_with_it_does() -> None:
    """Except the comparison itself, and times by files in place of canaries, of which there are none here."""
    free, complete = run(), run(past=Past(NOON - FIVE))
    assert (woken(free), woken(complete)) == (False, True)
    there, wanted = by_time(free.measures["clicks"]), by_time(complete.measures["clicks"])
    recent = {key: found for key, found in wanted.items() if key[1] >= NOON - 4 * FIVE}
    times = {"EndToEndFreshness", "EndToEndLatencyP50", "EndToEndLatencyP95", "CompleteComparisons"}
    assert {key: found for key, found in there.items() if key[0] not in times} == {
        key: found for key, found in recent.items() if key[0] not in times
    }
    assert there["EndToEndFreshness", NOON] == 120
    assert there["EndToEndLatencyP95", NOON - 2 * FIVE] == 80
    assert free.failures == {}


@pytest.mark.parametrize(
    ("past", "account"),
    [
        (replace(WELL, compared=None), {}),
        (replace(WELL, compared=NOON - 24 * HOUR), {}),
        (replace(WELL, reported=None), {}),
        (replace(WELL, reported=NOON - HOUR - 6 * MINUTE), {}),
        (WELL, {"loads": without(16)}),
        (WELL, {"loads": without(20)}),
        (replace(WELL, compared=NOON - FIVE), {"loads": without(16)}),
        (replace(WELL, compared=NOON - MINUTE), {"loads": without(16)}),
        (replace(WELL, missing=2), {}),
        (WELL, {"changed": NOON - 10 * MINUTE}),
        (WELL, {"table_rows": 9}),
        (WELL, {"status": {"executionState": "RUNNING", "lastIngestedTimestamp": "2026-11-23T12:10:00Z"}}),
        (WELL, {"status": {"executionState": "RUNNING", "pendingFileCount": "many"}}),
    ],
    ids=[
        "never compared",
        "compared a day ago",
        "never reported",
        "an outage of the monitor",
        "a file that is not loaded",
        "a file that is not loaded, seen by the run before, too",
        "a file that was too young for the last comparison",
        "a file that was just too young for it",
        "files were missing half an hour ago",
        "the table did not change",
        "the table has too few rows",
        "the load history lags behind the pipe",
        "a malformed state",
    ],
)
def test_the_warehouse_is_woken_when_the_sources_disagree(past: Past, account: dict[str, Any]) -> None:
    found = run(past=past, **account)
    assert woken(found)
    assert value(found, PipeMetric.COMPLETE_COMPARISONS) == [1]


@pytest.mark.parametrize(
    ("past", "account", "missing"),
    [
        (WELL, {}, [0]),
        (WELL, {"loads": without(14)}, [0]),
        (WELL, {"loads": without(30)}, [0]),
        (
            WELL,
            {
                "loads": without(16),
                "status": {
                    "executionState": "RUNNING",
                    "pendingFileCount": 1,
                    "oldestFileTimestamp": "2026-11-23T11:44:00Z",
                },
            },
            [0],
        ),
        (WELL, {"loads": without(16), "status": {"executionState": "PAUSED"}}, []),
        (replace(WELL, compared=NOON - MINUTE), {"loads": without(20)}, [0]),
        (replace(WELL, compared=NOON - 29 * MINUTE, missing=2), {"loads": without(16)}, [2]),
        (replace(WELL, compared=NOON - FIVE), {"table_rows": 9}, [0]),
    ],
    ids=[
        "all is well",
        "a file may still be loaded",
        "an older file was judged before",
        "a file waits for its pipe",
        "the pipe is paused",
        "the comparison has judged that file",
        "missing files were counted less than half an hour ago",
        "a contradiction was looked at a short time ago",
    ],
)
def test_the_warehouse_sleeps_when_there_is_nothing_new(
    past: Past, account: dict[str, Any], missing: list[float]
) -> None:
    found = run(past=past, **account)
    assert not woken(found)
    assert value(found, PipeMetric.FILES_MISSING) == missing
    assert found.failures == {}


def test_without_the_load_history_all_is_asked_of_the_warehouse() -> None:
    warehouse = FakeWarehouse(NOON, LOADS)
    refusing = FakeReports(warehouse, MonitorError("the Snowpipe REST API answers 429"))
    found = round_of("history", warehouse, past={"clicks": WELL}, histories=refusing, lake=LAKE)
    assert woken(found)
    assert found.failures == {}


def test_failures_are_told_without_a_warehouse() -> None:
    bad = [
        Load(NOON - 3 * MINUTE, "Load failed", rows=0, errors=4),
        Load(NOON - 19 * MINUTE, "Partially loaded", rows=3, errors=2),
    ]
    found = run([*LOADS, *bad])
    assert not woken(found)
    assert (value(found, PipeMetric.FILES_FAILED), value(found, PipeMetric.ROWS_REJECTED)) == ([1], [6])


@pytest.mark.parametrize(
    ("last", "seconds"),
    [
        (NOON - 18 * MINUTE, 18 * 60 + 20 + 60),
        (NOON - 2 * HOUR, 2 * 3600),
        (None, 21 * 60),
    ],
    ids=["a load", "only the pipe's last load", "no load at all"],
)
def test_freshness_grows_while_nothing_is_loaded(last: datetime | None, seconds: float) -> None:
    at = last or NOON
    loads = [Load(at + timedelta(seconds=-20), file=file(at - timedelta(seconds=40)))] if last else []
    found = run(loads, lake=FakeLake(since=NOON - HOUR), table_rows=10, changed=NOON)
    assert not woken(found)
    (fresh,) = value(found, PipeMetric.END_TO_END_FRESHNESS)
    assert fresh == pytest.approx(seconds, abs=61)


@pytest.mark.parametrize(("canary", "seconds"), [(NOON - 20 * MINUTE, 1200), (None, 25 * 3600)])
def test_no_table_is_fresher_than_the_last_canary(canary: datetime | None, seconds: float) -> None:
    found = run(past=replace(WELL, canary=canary))
    assert (woken(found), value(found, PipeMetric.END_TO_END_FRESHNESS)) == (False, [seconds])


def test_new_columns_are_seen_without_a_warehouse() -> None:
    record = json.dumps({"evolutionType": "ADD_COLUMN", "triggeringTime": "2026-11-23T11:58:00Z"})
    warehouse = FakeWarehouse(NOON, LOADS, columns={"PRICE": record, "ID": None})
    evolving = replace(CLICKS, schema_evolution=True)
    found = round_of(
        "history", warehouse, evolving, past={"clicks": WELL}, histories=FakeReports(warehouse), lake=LAKE
    )
    assert not woken(found)
    assert value(found, PipeMetric.NEW_COLUMNS) == [1]


def test_one_comparison_serves_all_kinds_of_event() -> None:
    warehouse = FakeWarehouse(NOON, LOADS)
    past = {"clicks": WELL, "orders": replace(WELL, compared=None)}
    lake = FakeLake({**LAKE.files, "orders/": LAKE.files["events/"]}, since=NOON - HOUR)
    found = round_of(
        "history", warehouse, CLICKS, ORDERS, past=past, histories=FakeReports(warehouse), lake=lake
    )
    assert [
        [m.metric for m in found.measures[kind]].count(PipeMetric.COMPLETE_COMPARISONS) for kind in past
    ] == [
        1,
        1,
    ]


def test_slow_sources_leave_time_for_the_warehouse() -> None:
    clock = Clock(left=35)
    warehouse = FakeWarehouse(NOON, LOADS)
    found = round_of(
        "history",
        warehouse,
        CLICKS,
        ORDERS,
        past={"clicks": WELL, "orders": WELL},
        histories=FakeReports(warehouse),
        lake=replace(LAKE, listing=lambda: clock.sleep(11)),
        clock=clock,
    )
    assert woken(found)
    assert found.failures == {}
