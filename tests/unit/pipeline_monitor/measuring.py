"""Measures of one run of the monitor, and the times of the tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from pipeline_monitor.metrics import Measure
from tests.unit.pipeline_monitor.fakes import FakeWarehouse, round_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


FIVE = timedelta(minutes=5)


MINUTE = timedelta(minutes=1)


HOUR = timedelta(hours=1)


def measured(warehouse: FakeWarehouse, window: timedelta = FIVE) -> dict[tuple[str, datetime], float]:
    """The load metrics of one run."""
    return by_time(round_of("history", warehouse, window=window).measures["clicks"])


def by_time(measures: Iterable[Measure]) -> dict[tuple[str, datetime], float]:
    return {(measure.metric, measure.at): measure.value for measure in measures}
