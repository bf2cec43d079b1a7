"""The state of the templates' alarms for given metrics, as the laptop's CloudWatch decides it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from laptop.aws.alarms.definition import Definition
from laptop.aws.alarms.judgement import State
from laptop.aws.metrics.queries import MetricSource
from laptop.aws.metrics.statistics import Sample
from laptop.aws.metrics.windows import Windows
from tests.infrastructure.synthesis import Pipeline
from tests.infrastructure.watched import alarm, alarms

Variant = Callable[[str], Pipeline]
Metrics = Mapping[str, Sequence[tuple[float, float]]]
"""Values by the name of their metric, each with its minute."""

HOUR = range(60)
SILENT, OK, UNKNOWN = State.ALARM, State.OK, State.INSUFFICIENT_DATA


def judged(
    properties: Mapping[str, object], metrics: Metrics, *, minute: float, before: State = UNKNOWN
) -> State:
    """The state of an alarm; by default of one that was created a moment ago."""
    definition = Definition.of(properties)

    def samples(source: MetricSource, windows: Windows) -> Iterator[Sample]:
        for at, value in metrics.get(source.name, ()):
            if windows.start <= 60 * at < windows.end:
                yield Sample.of(60 * at, value)

    windows = definition.windows(60 * minute)
    return definition.rule.judge(definition.datapoints(windows, samples), before)


@dataclass(frozen=True)
class Canaries:
    """The canaries of one kind of event in an hour, and when the front door counts them."""

    minutes: Sequence[int] = HOUR
    refused: Sequence[int] = ()
    counted_later: float = 0.1

    def metrics(self, events: Sequence[float]) -> Metrics:
        sent = [(minute, float(minute not in self.refused)) for minute in self.minutes]
        doors = [minute + self.counted_later for minute, accepted in sent if accepted]
        return {"CanariesSent": sent, "IncomingRecords": [(at, 1.0) for at in (*doors, *events)]}


@pytest.mark.parametrize(
    ("canaries", "events", "state"),
    [
        (Canaries(), (), SILENT),
        (Canaries(), range(10, 20), OK),
        (Canaries(counted_later=-1.5), (), SILENT),
        (Canaries(counted_later=2.5), (), SILENT),
        (Canaries(minutes=range(-3, 60), counted_later=2.5), (), SILENT),
        (Canaries(refused=range(20, 60)), (), SILENT),
        (Canaries(refused=range(20, 60)), range(30, 35), OK),
        (Canaries(minutes=[minute for minute in HOUR if minute % 20]), (), SILENT),
        (Canaries(minutes=range(59, 60)), (), OK),
        (Canaries(minutes=range(20, 60)), (), OK),
        (Canaries(minutes=()), (), UNKNOWN),
    ],
    ids=[
        "silent",
        "events",
        "records are counted earlier than canaries",
        "records are counted later than canaries",
        "records of earlier canaries are counted in this period",
        "silent, and canaries are refused",
        "canaries are refused, but not events",
        "silent, and three runs did not start",
        "new",
        "new for 40 minutes",
        "nothing is known yet",
    ],
)
def test_no_data_counts_the_events_of_its_own_kind(
    canaries: Canaries, events: Sequence[float], state: State, variant: Variant
) -> None:
    assert judged(alarm(variant("no data"), "clicks-no-data"), canaries.metrics(events), minute=60) is state


def watched(
    window: int,
    *,
    reports: range = range(1, 240),
    first_row: float = 5,
    canaries: range = range(240),
    errors: range = range(0),
) -> Metrics:
    """Metrics of four hours: a report on the load history every `window` minutes, and canaries that become rows."""
    at = [minute for minute in reports if (minute - 1) % window == 0]
    return {
        "CanariesSent": [(minute, 1.0) for minute in canaries],
        "IncomingRecords": [(minute, 1.0) for minute in canaries],
        "Errors": [(minute, float(minute in errors)) for minute in range(240)],
        "FilesFailed": [(minute, 0.0) for minute in at],
        "FilesMissing": [(minute, 0.0) for minute in at],
        "PipeRunning": [(minute, 1.0) for minute in reports],
        "OldestPendingFileAge": [(minute, 0.0) for minute in reports],
        # Without a canary in the table, freshness is the reach of the query.
        "EndToEndFreshness": [(minute, 4500.0 if minute < first_row else 90.0) for minute in at],
    }


def raised(pipeline: Pipeline, metrics: Metrics, *entries: str) -> dict[str, int]:
    """The alarms that are raised, each with the minute."""
    found: dict[str, int] = {}
    states: dict[str, State] = {}
    for minute in range(240):
        for each in alarms(pipeline):
            if not entries or each.entry in entries:
                before = states.get(each.name, UNKNOWN)
                states[each.name] = judged(each.properties, metrics, minute=minute, before=before)
                if states[each.name] is State.ALARM:
                    found.setdefault(each.name.removeprefix("clickstream-"), minute)
    return found


@pytest.mark.parametrize(("name", "window"), [("no data", 5), ("dev", 30), ("other values", 2)])
def test_a_birth_raises_no_alarm(name: str, window: int, variant: Variant) -> None:
    """Events are sent from the beginning, and the first canary is a row when S3 announces files, or later."""
    metrics = dict(watched(window))
    metrics["IncomingRecords"] = [(minute / 2, 1.0) for minute in range(480)]
    assert raised(variant(name), metrics) == {}


def test_a_silent_birth_is_told_after_the_time_given_for_the_first_event(variant: Variant) -> None:
    ((alarm_name, minute),) = raised(variant("no data"), watched(5)).items()
    assert alarm_name.endswith("clicks-no-data")
    assert 54 <= minute <= 60


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"first_row": 240}, {"clicks-end-to-end-freshness"}),
        (
            {"errors": range(60, 240)},
            {
                "monitor-function-errors",
                "canary-function-errors",
                "landing-function-errors",
                "clicks-gate-failing",
            },
        ),
        ({"reports": range(1, 60)}, {"monitor-function-errors"}),
        ({"canaries": range(60)}, set()),
    ],
    ids=[
        "nothing ever arrives",
        "all functions fail",
        "the monitor does not run",
        "the canary does not run, which freshness tells",
    ],
)
def test_blindness_is_told(changes: dict[str, Any], told: set[str], variant: Variant) -> None:
    """The monitor's alarm is for all kinds of event; what it does not know raises no alarm of theirs."""
    found = raised(variant("dev"), watched(30, **changes))
    assert {name.split("-", 1)[1] for name in found} == told
