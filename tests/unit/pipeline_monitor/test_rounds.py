"""A round through all pipes: a failure of one does not hide the others."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clickstream_wire.metrics import PipeMetric
from pipeline_monitor.jobs import Look, status
from pipeline_monitor.metrics import Measure
from pipeline_monitor.rounds import Findings, go_round
from pipeline_monitor.settings import WatchedPipe
from snowflake_setup.session.errors import LoginRefusedError, ObjectMissingError
from snowflake_setup.session.logs import Log
from snowflake_setup.sql.base import Statement
from tests.unit.pipeline_monitor.fakes import CLICKS, ORDERS, FakeWarehouse

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that a test sets."""

    left: float = 30.0

    def now(self) -> datetime:
        return NOON

    def remaining(self) -> float:
        return self.left

    def sleep(self, seconds: float) -> None:
        self.left -= seconds


def refusing(pipe: WatchedPipe, error: Exception) -> Callable[[Statement], None]:
    def refuse(statement: Statement) -> None:
        if statement.name == pipe.pipe:
            raise error

    return refuse


def status_round(warehouse: FakeWarehouse, clock: Clock | None = None, log: Log | None = None) -> Findings:
    look = Look(warehouse, NOON, timedelta(minutes=5))
    return go_round(status, (CLICKS, ORDERS), look, clock or Clock(), log or Log(stream=io.StringIO()))


@pytest.mark.parametrize(
    ("broken", "well"), [(CLICKS, ORDERS), (ORDERS, CLICKS)], ids=["the first", "the last"]
)
def test_a_pipe_that_cannot_be_read_does_not_hide_others(broken: WatchedPipe, well: WatchedPipe) -> None:
    lines = io.StringIO()
    error = ObjectMissingError("the role may lack MONITOR ON PIPE", code=2003)
    found = status_round(FakeWarehouse(NOON, refuse=refusing(broken, error)), log=Log(stream=lines))
    assert [measure.metric for measure in found.measures[well.events]] == [
        "PipeRunning",
        "PendingFiles",
        "OldestPendingFileAge",
    ]
    assert found.measures[broken.events] == []
    assert found.failure_text() == f"{broken.events}: ObjectMissingError: the role may lack MONITOR ON PIPE"
    (line,) = map(json.loads, lines.getvalue().splitlines())
    assert (line["level"], line["events"]) == ("ERROR", broken.events)


@pytest.mark.parametrize("answer", ["", "no JSON", "[]", "null"])
def test_a_malformed_answer_is_a_failure_of_that_pipe(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = FakeWarehouse(NOON)
    monkeypatch.setattr(warehouse, "execute", lambda statement: [{"status": answer}])
    found = status_round(warehouse)
    assert set(found.failures) == {"clicks", "orders"}


def test_values_found_before_a_failure_are_published() -> None:
    def job(look: Look, watched: WatchedPipe) -> Iterator[Measure]:
        yield Measure(PipeMetric.PENDING_FILES, 1, "Count", look.now)
        raise ObjectMissingError("gone")

    look = Look(FakeWarehouse(NOON), NOON, timedelta(minutes=5))
    found = go_round(job, (CLICKS,), look, Clock(), Log(stream=io.StringIO()))
    assert found.measures == {"clicks": [Measure(PipeMetric.PENDING_FILES, 1, "Count", NOON)]}
    assert "gone" in found.failures["clicks"]


def test_without_a_session_the_others_are_not_tried() -> None:
    error = LoginRefusedError("login refused")
    warehouse = FakeWarehouse(NOON, refuse=refusing(CLICKS, error))
    found = status_round(warehouse)
    assert found.failures == {"clicks": "login refused", "orders": "login refused"}
    assert len(warehouse.asked) == 1


def test_when_time_runs_out_the_remaining_pipes_are_reported_as_unchecked() -> None:
    clock = Clock(left=1)
    warehouse = FakeWarehouse(NOON, refuse=lambda _: clock.sleep(1))
    found = status_round(warehouse, clock)
    assert found.measures["clicks"]
    assert found.failures == {"orders": "OutOfTimeError: the run ended before this pipe was checked"}


def test_a_bug_is_not_reported_as_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = FakeWarehouse(NOON)

    def broken(*_: Any) -> Any:
        raise AssertionError("a bug")

    monkeypatch.setattr(warehouse, "execute", broken)
    with pytest.raises(AssertionError, match="a bug"):
        status_round(warehouse)
