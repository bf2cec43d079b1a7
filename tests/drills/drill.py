"""One drill: break something, see which alarms fire, repair it, see the alarms return to OK."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from tests.drills.scene import Scene, wait_until

PAGING = "clicks-unhealthy"
_CALM_SECONDS = 150.0
_ALARM_SECONDS = 120.0
_OK_SECONDS = 180.0
_NOTIFIED_SECONDS = 10.0


@dataclass(frozen=True)
class Drill:
    """One kind of damage and the alarms that must fire for it, and no others.

    Args:
        name: its name in the table.
        damage: breaks something; repaired when its block ends.
        alarms: short names of the alarms that must fire.
        pages: how often it pages: an alarm that is raised, on the topic of critical alarms.
        lasting: whether the alarms stay on for an hour after the repair; no drill can follow.
    """

    name: str
    damage: Callable[[Scene], AbstractContextManager[None]]
    alarms: frozenset[str]
    pages: int = 1
    lasting: bool = False


@dataclass
class Verdict:
    """The outcome of a drill."""

    drill: Drill
    moved: dict[str, str] = field(default_factory=dict)
    fired: set[str] = field(default_factory=set)
    pages: int = 0
    alarm_seconds: float = 0.0
    calm_seconds: float = 0.0
    complaints: list[str] = field(default_factory=list)


def conduct(drill: Drill, scene: Scene) -> Verdict:
    """Run a drill on a running pipeline."""
    verdict = Verdict(drill)
    alarms = scene.alarms()
    expected = set(drill.alarms)
    if missing := expected - alarms.keys():
        verdict.complaints.append(f"no such alarm: {', '.join(sorted(missing))}")
        return verdict
    if any(_is_critical(alarm, alarms) for name, alarm in alarms.items() if name in expected):
        expected.add(PAGING)
    if not wait_until(lambda: not scene.in_alarm(), _CALM_SECONDS):
        verdict.complaints.append(f"in alarm before the drill: {_listed(scene.in_alarm())}")
        return verdict
    scene.heard().clear()
    before = {name: scene.reading(alarms[name]) for name in drill.alarms}

    def noticed() -> bool:
        verdict.fired |= scene.in_alarm()
        return expected <= verdict.fired

    started = time.monotonic()
    with drill.damage(scene):
        if not wait_until(noticed, _ALARM_SECONDS):
            verdict.complaints.append(f"did not fire: {_listed(expected - verdict.fired)}")
        verdict.alarm_seconds = time.monotonic() - started
        for name in drill.alarms:
            verdict.moved[name] = _moved(alarms[name], before[name], scene.reading(alarms[name]))

    def calm() -> bool:
        now = scene.in_alarm()
        verdict.fired |= now
        return now <= expected if drill.lasting else not now

    repaired = time.monotonic()
    if not wait_until(calm, _OK_SECONDS):
        verdict.complaints.append(f"still in alarm after the repair: {_listed(scene.in_alarm())}")
    verdict.calm_seconds = time.monotonic() - repaired
    if extra := verdict.fired - expected:
        verdict.complaints.append(f"fired as well: {_listed(extra)}")
    telling = [name for name in expected if alarms[name]["AlarmActions"]]
    states = ("ALARM",) if drill.lasting else ("ALARM", "OK")
    wanted = {(name, state) for name in telling for state in states}

    def unsent() -> set[tuple[str, str]]:
        return wanted - {(one.alarm, one.state) for one in scene.heard()}

    if not wait_until(lambda: not unsent(), _NOTIFIED_SECONDS):
        missed = sorted(f"{state} of {name}" for name, state in unsent())
        verdict.complaints.append(f"no notification of {', '.join(missed)}")
    verdict.pages = sum(one.page and one.state == "ALARM" for one in scene.heard())
    if verdict.pages != drill.pages:
        verdict.complaints.append(f"paged {verdict.pages} times instead of {drill.pages}: {scene.heard()}")
    return verdict


def _is_critical(alarm: dict[str, Any], alarms: dict[str, dict[str, Any]]) -> bool:
    return alarm["AlarmName"] in alarms[PAGING]["AlarmRule"]


def _moved(alarm: dict[str, Any], before: float | None, during: float | None) -> str:
    metric = alarm.get("MetricName") or "metric math"
    return f"{metric} {_shown(before)} → {_shown(during)}"


def _shown(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
