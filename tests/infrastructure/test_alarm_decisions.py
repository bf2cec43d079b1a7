"""The state of the templates' alarms for given metrics, as the laptop's CloudWatch decides it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pytest

from laptop.aws.alarms.definition import Definition
from laptop.aws.alarms.judgement import State
from laptop.aws.metrics.queries import MetricSource
from laptop.aws.metrics.statistics import Sample
from laptop.aws.metrics.windows import Windows
from tests.infrastructure.synthesis import Pipeline
from tests.infrastructure.watched import alarm

Variant = Callable[[str], Pipeline]
Metrics = Mapping[str, Sequence[tuple[float, float]]]
"""Values by the name of their metric, each with its minute."""

HOUR = range(60)
SILENT, OK, UNKNOWN = State.ALARM, State.OK, State.INSUFFICIENT_DATA


def judged(properties: Mapping[str, object], metrics: Metrics, *, minute: float) -> State:
    """The state of an alarm that was created a moment ago."""
    definition = Definition.of(properties)

    def samples(source: MetricSource, windows: Windows) -> Iterator[Sample]:
        for at, value in metrics.get(source.name, ()):
            if windows.start <= 60 * at < windows.end:
                yield Sample.of(60 * at, value)

    windows = definition.windows(60 * minute)
    return definition.rule.judge(definition.datapoints(windows, samples), UNKNOWN)


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
