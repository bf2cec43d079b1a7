"""Metrics of a pipe and of its loads, by window."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_monitor.load_measures import percentile
from pipeline_monitor.loads import FileLoad
from pipeline_monitor.windows import REACH, recent_windows, window_of
from tests.unit.pipeline_monitor.fakes import CLICKS, ORDERS, FakeWarehouse, Load, round_of
from tests.unit.pipeline_monitor.measuring import FIVE, HOUR, MINUTE, NOON, by_time, measured


def added(time: str) -> str:
    """The record of a column that a load has added."""
    return json.dumps({"evolutionType": "ADD_COLUMN", "evolutionMode": "SNOWPIPE", "triggeringTime": time})


def state(**answer: Any) -> dict[str, float]:
    warehouse = FakeWarehouse(NOON, status=answer)
    return {m.metric: m.value for m in round_of("status", warehouse).measures["clicks"]}


def test_an_idle_pipe_has_no_pending_file() -> None:
    assert state(executionState="RUNNING", pendingFileCount=0) == {
        "PipeRunning": 1,
        "PendingFiles": 0,
        "OldestPendingFileAge": 0,
    }


@pytest.mark.parametrize(
    "oldest", ["2026-11-23T11:58:30.000Z", "2026-11-23 03:58:30.000 -0800", 1795435110000]
)
def test_the_oldest_pending_file_has_an_age_in_every_time_format(oldest: object) -> None:
    assert state(executionState="RUNNING", pendingFileCount=7, oldestFileTimestamp=oldest) == {
        "PipeRunning": 1,
        "PendingFiles": 7,
        "OldestPendingFileAge": 90,
    }


def test_pending_files_without_a_time_get_no_age() -> None:
    assert state(executionState="PAUSED", pendingFileCount=2) == {"PipeRunning": 0, "PendingFiles": 2}


def test_a_clock_behind_snowflakes_gives_no_negative_age() -> None:
    found = state(executionState="RUNNING", pendingFileCount=1, oldestFileTimestamp="2026-11-23T12:00:02Z")
    assert found["OldestPendingFileAge"] == 0


@pytest.mark.parametrize(
    ("execution", "running"),
    [("RUNNING", 1), ("FAILING_OVER", 1), ("PAUSED", 0), ("STALLED_STAGE_PERMISSION_ERROR", 0), ("", 0)],
)
def test_only_a_loading_pipe_is_running(execution: str, running: int) -> None:
    assert state(executionState=execution)["PipeRunning"] == running


def new_columns(now: datetime, columns: dict[str, str | None], reported: datetime | None = None) -> float:
    evolving = replace(CLICKS, schema_evolution=True)
    reports = {"clicks": reported} if reported else None
    found = round_of("history", FakeWarehouse(now, columns=columns), evolving, reports=reports)
    (value,) = (each.value for each in found.measures["clicks"] if each.metric == "NewColumns")
    return value


def test_new_columns_are_those_that_loads_added_in_the_last_hour() -> None:
    columns: dict[str, str | None] = {
        "PRICE": added("2026-11-23 12:00:30.123000000Z"),
        "VIP": added("2026-11-23T12:00:59.000+00:00"),
        "OLD": added("2026-11-23 03:57:00.000 -0800"),
        "OLDER": added("2026-11-22T12:00:00Z"),
        "EVENT_ID": None,
        "USER_ID": added("2026-11-23T12:00:30Z").replace("ADD_COLUMN", "DROP_NOT_NULL"),
    }
    assert new_columns(NOON + MINUTE, columns) == 3
    assert new_columns(NOON + HOUR, columns) == 2
    assert new_columns(NOON + HOUR, columns, NOON - 24 * HOUR) == 4


@pytest.mark.parametrize("record", ["ADD_COLUMN", '{"EvolutionType":"ADD_COLUMN"}', added("soon"), added("")])
def test_a_column_without_a_readable_time_is_new_in_every_run(record: str) -> None:
    for now in (NOON, NOON + FIVE):
        assert new_columns(now, {"PRICE": record}) == 1


def test_without_schema_evolution_no_column_is_looked_at() -> None:
    assert not [metric for metric, _ in measured(FakeWarehouse(NOON)) if metric == "NewColumns"]


def test_loads_are_counted_in_the_window_of_their_end() -> None:
    at = NOON - FIVE
    loads = [
        Load(at, rows=10, seconds=4),
        Load(at + timedelta(seconds=299), "Partially loaded", rows=3, errors=2, seconds=20),
        Load(at + MINUTE, "Load failed", rows=0, errors=2),
        Load(at + 2 * MINUTE, "Load skipped", rows=0, errors=2),
        Load(at + 3 * MINUTE, "Load in progress", rows=7),
        Load(at + FIVE, rows=99),
    ]
    found = measured(FakeWarehouse(NOON + MINUTE, loads))
    window = {metric: value for (metric, start), value in found.items() if start == at}
    assert window == {
        "FilesLoaded": 2,
        "RowsLoaded": 13,
        "BytesLoaded": 1300,
        "LoadLatencyP50": 4,
        "LoadLatencyP95": 20,
    }
    assert found["RowsLoaded", at + FIVE] == 99
    assert (found["FilesFailed", NOON + MINUTE], found["RowsRejected", NOON + MINUTE]) == (2, 6)


@pytest.mark.parametrize(
    ("outage", "reported", "told"),
    [
        (HOUR, True, 1),
        (5 * HOUR, True, 1),
        (24 * 12 * HOUR, True, 1),
        (5 * HOUR, False, 0),
        (24 * 14 * HOUR, True, 0),
    ],
    ids=["an hour", "five hours", "twelve days", "no report is known", "longer than the load history"],
)
def test_failures_in_an_outage_of_the_monitor_are_told_at_the_present_and_once(
    outage: timedelta, reported: bool, told: int
) -> None:
    """The alarm looks at the newest periods only, and CloudWatch knows the hour of the last report."""
    now = NOON + outage
    loads = [Load(NOON + MINUTE, "Load failed", rows=0, errors=2), Load(now - MINUTE, rows=7)]
    reports = {"clicks": NOON} if reported else {}
    first = by_time(round_of("history", FakeWarehouse(now, loads), reports=reports).measures["clicks"])
    assert (first["FilesFailed", now], first["RowsRejected", now]) == (told, 2 * told)
    later = now + HOUR + FIVE
    reports = {"clicks": now.replace(minute=0)}
    second = by_time(round_of("history", FakeWarehouse(later, loads), reports=reports).measures["clicks"])
    assert second["FilesFailed", later] == 0


def test_an_outage_for_one_kind_of_event_is_none_for_another() -> None:
    failed = [Load(NOON - 3 * HOUR, "Load failed", rows=0, errors=1)]
    reports = {"clicks": NOON - 4 * HOUR, "orders": NOON - FIVE}
    found = round_of("history", FakeWarehouse(NOON, failed), CLICKS, ORDERS, reports=reports).measures
    assert {kind: by_time(found[kind])["FilesFailed", NOON] for kind in found} == {"clicks": 1, "orders": 0}


def test_all_rows_of_a_skipped_file_count_as_rejected() -> None:
    row = {**Load(NOON, "Load failed", rows=0).row(), "row_parsed": 500, "error_count": 1}
    load = FileLoad.read(row)
    assert load
    assert (load.failed, load.rejected) == (True, 500)


def test_a_load_in_progress_is_not_counted() -> None:
    row = {**Load(NOON).row(), "status": "Load in progress", "row_parsed": None, "error_count": None}
    warehouse = FakeWarehouse(NOON + MINUTE)
    warehouse.loads = []
    assert FileLoad.read({**row, "last_load_time": None}) is None
    warehouse.loads = [Load(NOON, "Load in progress")]
    assert measured(warehouse)["FilesLoaded", NOON] == 0


def test_an_hour_without_loads_gives_zeros_and_no_latency() -> None:
    found = measured(FakeWarehouse(NOON))
    assert {value for (metric, _), value in found.items() if metric not in AT_THE_PRESENT} == {0}
    assert {start for _, start in found} == {NOON - REACH + FIVE * number for number in range(13)}
    assert not [metric for metric, _ in found if "Latency" in metric]


def test_percentiles_are_published_after_their_window_has_settled() -> None:
    loads = [Load(NOON - timedelta(seconds=1))]
    asked = ("LoadLatencyP50", NOON - FIVE)
    assert asked not in measured(FakeWarehouse(NOON + timedelta(seconds=29), loads))
    assert measured(FakeWarehouse(NOON + timedelta(seconds=30), loads))[asked] == 5


@given(st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)), st.integers(1, 3600))
def test_windows_have_no_gap_and_the_last_one_includes_the_present(now: datetime, seconds: int) -> None:
    windows = recent_windows(now, timedelta(seconds=seconds))
    assert windows[-1].start <= now < windows[-1].end
    assert all(one.end == other.start for one, other in pairwise(windows))
    assert all(window_of(window.start, window.length) == window for window in windows)
    reach = min(REACH, timedelta(seconds=60 * seconds))
    assert windows[-1].start - windows[0].start > reach - timedelta(seconds=seconds)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.sampled_from([0.5, 0.95, 1.0]))
def test_a_percentile_is_one_of_the_values_and_enough_are_not_above_it(
    values: list[float], share: float
) -> None:
    found = percentile(sorted(values), share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) < share * len(values)


STATUSES = st.sampled_from(["Loaded", "Partially loaded", "Load failed", "Load in progress", "Load skipped"])
EVENING = timedelta(hours=2)
RUNS = EVENING // FIVE
AT_THE_PRESENT = {"CompleteComparisons", "EndToEndFreshness", "FilesFailed", "FilesMissing", "RowsRejected"}


@st.composite
def loads_of_an_evening(draw: st.DrawFn) -> list[Load]:
    times = draw(st.lists(st.integers(0, int(EVENING.total_seconds())), unique=True, min_size=8, max_size=20))
    canaries = st.none() | st.integers(0, 900)
    loads = []
    for at in (NOON + timedelta(seconds=seconds) for seconds in times):
        ago = draw(canaries)
        canary = None if ago is None else at - timedelta(seconds=ago)
        status, rows = draw(STATUSES), draw(st.integers(0, 50))
        loads.append(Load(at, status, rows, draw(st.integers(0, 5)), draw(st.integers(0, 600)), canary))
    return loads


@given(loads_of_an_evening(), st.lists(st.booleans(), min_size=RUNS, max_size=RUNS), st.sampled_from([5, 30]))
def test_failed_runs_do_not_change_the_maxima_of_a_window(
    loads: list[Load], worked: list[bool], minutes: int
) -> None:
    """For any failed runs, as long as one run an hour works, each window's maxima are as without failures."""
    window = timedelta(minutes=minutes)

    def largest(runs: Iterable[int]) -> dict[tuple[str, datetime], float]:
        most: dict[tuple[str, datetime], float] = {}
        for run in runs:
            now = NOON + FIVE * run + timedelta(seconds=37)
            for (metric, at), value in measured(FakeWarehouse(now, loads), window).items():
                if metric not in AT_THE_PRESENT and at >= NOON:
                    most[metric, at] = max(value, most.get((metric, at), value))
        return most

    # Eight of the twelve runs in an hour may fail in a row.
    at_least = [run for run in range(RUNS) if worked[run] or run % 9 == 8 or run == RUNS - 1]
    assert largest(at_least) == largest(range(RUNS))


@given(st.integers(0, 120), st.lists(st.booleans(), min_size=RUNS, max_size=RUNS))
def test_a_failure_is_told_whichever_runs_fail(minute: int, worked: list[bool]) -> None:
    """Each run that works knows the hour of the last one that did."""
    load = Load(NOON + MINUTE * minute, "Load failed", rows=0, errors=1)
    reports, told = {"clicks": NOON}, list[float]()
    for run in [run for run in range(RUNS) if worked[run]] + [RUNS]:
        now = NOON + FIVE * run + timedelta(seconds=37)
        found = by_time(round_of("history", FakeWarehouse(now, [load]), reports=reports).measures["clicks"])
        told.append(found["FilesFailed", now])
        reports = {"clicks": now.replace(minute=0, second=0)}
    assert max(told) == 1
