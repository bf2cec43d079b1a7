"""A drill fails if an alarm does not fire, fires in addition, does not return to OK, or does not notify."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from tests.drills.drill import PAGING, Drill, Verdict, conduct
from tests.drills.drills import DRILLS
from tests.drills.scene import Notification, Scene

PIPE, ROWS = "clicks-pipe-not-running", "clicks-rows-rejected"


@dataclass
class Alarms:
    """Two alarms, the first one critical; `fires` are those that go off during the damage."""

    fires: set[str]
    stays: set[str] = field(default_factory=set)
    tells: bool = True
    broken: bool = False
    pages_again: int = 0
    _heard: list[Notification] = field(default_factory=list)

    def alarms(self) -> dict[str, dict[str, Any]]:
        return {
            PIPE: {"AlarmName": PIPE, "MetricName": PIPE, "AlarmActions": []},
            ROWS: {"AlarmName": ROWS, "MetricName": ROWS, "AlarmActions": ["warning"]},
            PAGING: {"AlarmName": PAGING, "AlarmRule": f'ALARM("{PIPE}")', "AlarmActions": ["critical"]},
        }

    def in_alarm(self) -> set[str]:
        return self.fires if self.broken else self.stays & self.fires

    def reading(self, alarm: dict[str, Any]) -> float:
        return float(self.broken)

    def heard(self) -> list[Notification]:
        if self.tells and not self._heard:
            self._heard += [
                Notification(name, state, name == PAGING)
                for name in [*self.fires, *[PAGING] * self.pages_again]
                if name != PIPE
                for state in ("ALARM", "OK")
            ]
        return self._heard

    @contextmanager
    def breaking(self, _: Scene) -> Iterator[None]:
        self.broken = True
        yield
        self.broken = False


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CALM", "ALARM", "OK", "NOTIFIED"):
        monkeypatch.setattr(f"tests.drills.drill._{name}_SECONDS", 0)


def verdict(there: Alarms, *noticed_by: str) -> Verdict:
    return conduct(Drill("the pipe is paused", there.breaking, frozenset(noticed_by)), cast("Scene", there))


def test_the_expected_alarms_are_no_complaint() -> None:
    found = verdict(Alarms({PIPE, PAGING}), PIPE)
    assert found.complaints == []
    assert found.moved == {PIPE: f"{PIPE} 0 → 1"}


@pytest.mark.parametrize(
    ("there", "complaint"),
    [
        (Alarms(set()), f"did not fire: {PIPE}, {PAGING}"),
        (Alarms({PIPE}), f"did not fire: {PAGING}"),
        (Alarms({PIPE, ROWS, PAGING}), f"fired as well: {ROWS}"),
        (Alarms({PIPE, PAGING}, stays={PIPE}), f"in alarm before the drill: {PIPE}"),
        (Alarms({PIPE, PAGING}, tells=False), f"no notification of ALARM of {PAGING}"),
        (Alarms({PIPE, PAGING}, pages_again=1), "paged 2 times instead of 1"),
    ],
)
def test_every_other_outcome_is_a_complaint(there: Alarms, complaint: str) -> None:
    assert any(complaint in found for found in verdict(there, PIPE).complaints)


def test_an_alarm_that_does_not_exist_is_a_complaint() -> None:
    assert verdict(Alarms(set()), "x").complaints == ["no such alarm: x"]


@dataclass
class Lasting(Alarms):
    """The alarm on rejected rows, which stays on after the repair."""

    repaired: bool = False

    def in_alarm(self) -> set[str]:
        return self.fires if self.broken or self.repaired else set()

    @contextmanager
    def breaking(self, scene: Scene) -> Iterator[None]:
        with super().breaking(scene):
            yield
        self.repaired = True


def test_an_alarm_on_the_last_hour_may_stay_on_but_no_other() -> None:
    for fires, complaints in (({ROWS}, []), ({ROWS, PIPE}, ["still in alarm", "fired as well"])):
        there = Lasting(fires)
        drill = Drill("rows are rejected", there.breaking, frozenset({ROWS}), pages=0, lasting=True)
        found = conduct(drill, cast("Scene", there)).complaints
        assert [one for one, told in zip(found, complaints, strict=True) if told not in one] == []


def test_a_drill_whose_alarms_last_is_the_last() -> None:
    assert not any(drill.lasting for drill in DRILLS[:-1])
