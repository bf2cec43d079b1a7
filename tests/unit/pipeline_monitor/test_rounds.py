"""A round through all pipes: one query for all, and a failure of one does not hide the others."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clickstream_wire.metrics import PipeMetric
from pipeline_monitor.rounds import Round, turn
from pipeline_monitor.settings import WatchedPipe
from pipeline_monitor.statements import CanaryRows, PipeStates, Query
from snowflake_setup.session.errors import LoginRefusedError, ObjectMissingError
from snowflake_setup.session.logs import Log
from snowflake_setup.sql.identifiers import ObjectName
from tests.unit.pipeline_monitor.fakes import CLICKS, ORDERS, Clock, FakeWarehouse, Load, round_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
EIGHT = tuple(
    WatchedPipe(
        f"kind-{n}", ObjectName.of("DB", "RAW", f"P{n}"), ObjectName.of("DB", "RAW", f"T{n}"), f"{n}/", n < 4
    )
    for n in range(8)
)
FRESH = [Load(NOON - timedelta(minutes=1), canary=NOON - timedelta(minutes=2))]


def refusing(
    broken: Sequence[WatchedPipe], error: Exception, otherwise: Callable[[], None] = lambda: None
) -> Callable[[Query], None]:
    """A warehouse that refuses queries of these pipes."""

    def refuse(statement: Query) -> None:
        if set(broken) & set(statement.pipes):
            raise error
        otherwise()

    return refuse


def status_round(warehouse: FakeWarehouse, **more: Any) -> Round:
    return round_of("status", warehouse, CLICKS, ORDERS, **more)


@pytest.mark.parametrize(
    ("broken", "well"), [(CLICKS, ORDERS), (ORDERS, CLICKS)], ids=["the first", "the last"]
)
def test_a_pipe_that_cannot_be_read_does_not_hide_others(broken: WatchedPipe, well: WatchedPipe) -> None:
    lines = io.StringIO()
    error = ObjectMissingError("the role may lack MONITOR ON PIPE", code=2003)
    found = status_round(FakeWarehouse(NOON, refuse=refusing([broken], error)), log=Log(stream=lines))
    assert [measure.metric for measure in found.measures[well.events]] == [
        "PipeRunning",
        "PendingFiles",
        "OldestPendingFileAge",
    ]
    assert broken.events not in found.measures
    assert found.failure_text() == f"{broken.events}: ObjectMissingError: the role may lack MONITOR ON PIPE"
    (line,) = map(json.loads, lines.getvalue().splitlines())
    assert (line["level"], line["events"]) == ("ERROR", broken.events)


@pytest.mark.parametrize("answer", ["", "no JSON", "[]", "null"])
def test_a_malformed_answer_is_a_failure_of_that_pipe(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = FakeWarehouse(NOON)
    well = json.dumps(warehouse.status)
    answers = {CLICKS: answer, ORDERS: well}

    def execute(statement: PipeStates) -> list[dict[str, Any]]:
        return [{f"pipe_{n}": answers[pipe] for n, pipe in enumerate(statement.pipes)}]

    monkeypatch.setattr(warehouse, "execute", execute)
    found = status_round(warehouse)
    assert set(found.failures) == {"clicks"}
    assert len(found.measures["orders"]) == 3


def test_without_a_session_the_others_are_not_tried() -> None:
    warehouse = FakeWarehouse(NOON, refuse=refusing([CLICKS], LoginRefusedError("login refused")))
    found = round_of("history", warehouse, CLICKS, ORDERS)
    assert found.failures == {"clicks": "login refused", "orders": "login refused"}
    assert len(warehouse.asked) == 1


@pytest.mark.parametrize("job", ["status", "history"])
def test_eight_kinds_of_event_take_no_longer_than_one(job: str) -> None:
    """A run has 35 seconds for its queries, and each of them takes eight."""
    clock = Clock(left=35)
    warehouse = FakeWarehouse(NOON, FRESH, refuse=lambda _: clock.sleep(8))
    found = round_of(job, warehouse, *EIGHT, clock=clock)
    assert found.failures == {}
    (per_kind,) = {
        len(measures) - pipe.schema_evolution * (job == "history") for pipe, measures in in_order(found)
    }
    assert per_kind >= 3


def in_order(found: Round) -> list[tuple[WatchedPipe, list[Any]]]:
    assert len(found.measures) == len(EIGHT)
    return [(pipe, found.measures[pipe.events]) for pipe in EIGHT]


@pytest.mark.parametrize("broken", range(8))
def test_one_of_eight_that_is_broken_costs_the_others_little(broken: int) -> None:
    clock = Clock(left=35)
    refuse = refusing([EIGHT[broken]], ObjectMissingError("gone"), lambda: clock.sleep(8))
    found = round_of("status", FakeWarehouse(NOON, refuse=refuse), *EIGHT, clock=clock)
    assert set(found.failures) == {EIGHT[broken].events}
    assert len(found.measures) == 7


def test_no_kind_of_event_is_without_freshness_when_all_are_late() -> None:
    clock = Clock(left=35)
    late = [Load(NOON - timedelta(hours=5), canary=NOON - timedelta(hours=5, minutes=1))]
    warehouse = FakeWarehouse(NOON, late, refuse=lambda _: clock.sleep(8))
    found = round_of("history", warehouse, *EIGHT, clock=clock)
    assert found.failures == {}
    for _, measures in in_order(found):
        fresh = [each.value for each in measures if each.metric == PipeMetric.END_TO_END_FRESHNESS]
        assert max(fresh) >= 3600


def test_when_time_runs_out_the_remaining_pipes_are_reported_as_unchecked() -> None:
    clock = Clock(left=1)
    warehouse = FakeWarehouse(NOON, FRESH, refuse=lambda _: clock.sleep(1))
    found = round_of("history", warehouse, CLICKS, ORDERS, clock=clock)
    (asked,) = warehouse.asked
    assert isinstance(asked, CanaryRows)
    assert {len(measures) for measures in found.measures.values()} == {1}
    assert found.failures == dict.fromkeys(
        ("clicks", "orders"), "OutOfTimeError: the run ended before this pipe was checked"
    )


def test_each_run_begins_at_another_pipe() -> None:
    every = timedelta(minutes=5)
    first = [turn(EIGHT, NOON + every * run, every)[0] for run in range(8)]
    assert set(first) == set(EIGHT)
    assert set(turn(EIGHT, NOON, every)) == set(EIGHT)


def test_a_bug_is_not_reported_as_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = FakeWarehouse(NOON)

    def broken(*_: Any) -> Any:
        raise AssertionError("a bug")

    monkeypatch.setattr(warehouse, "execute", broken)
    with pytest.raises(AssertionError, match="a bug"):
        status_round(warehouse)
