"""The metric store stays small, and its statistics of the past stay correct."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laptop.aws.metrics.retention import MINUTES_FOR, SECONDS_FOR, merged, thinned
from laptop.aws.metrics.statistics import Sample, datapoints
from laptop.aws.metrics.windows import Windows

NOW = 100 * 24 * 3600.0


def point(timestamp: float, value: float, **more: Any) -> dict[str, Any]:
    return {"Timestamp": timestamp, "Value": value, "Unit": "Count", "Dimensions": {"A": "b"}, **more}


def sample(stored: dict[str, Any]) -> Sample:
    found = stored.get("_stat")
    if found is None:
        return Sample.of(stored["Timestamp"], stored["Value"], count=stored.get("Count", 1))
    return Sample(stored["Timestamp"], found["SampleCount"], found["Sum"], found["Minimum"], found["Maximum"])


def test_a_gauge_published_repeatedly_is_stored_once() -> None:
    repeated = [point(NOW - 60, 5.0) for _ in range(1000)]
    (kept,) = thinned(repeated, NOW)
    assert sample(kept) == Sample(NOW - 60, 1000, 5000, 5, 5)


def test_points_older_than_three_hours_are_one_set_per_minute() -> None:
    old = NOW - SECONDS_FOR - 3600
    (kept,) = thinned([point(old + second, second) for second in range(60)], NOW)
    assert sample(kept) == Sample(old, 60, 1770, 0, 59)


def test_points_older_than_fifteen_days_are_removed() -> None:
    assert thinned([point(NOW - MINUTES_FOR - 1, 1.0)], NOW) == []


def test_units_are_not_merged() -> None:
    other = point(NOW, 1.0) | {"Unit": "Bytes"}
    assert {kept["Unit"] for kept in thinned([point(NOW, 1.0), other], NOW)} == {"Count", "Bytes"}


POINTS = st.lists(
    st.builds(point, st.floats(NOW - 4 * 3600, NOW), st.sampled_from([0.0, 1.0, 2.5]) | st.floats(0, 100)),
    max_size=80,
)


@given(points=POINTS)
def test_thinning_keeps_the_statistics_of_each_minute_and_is_idempotent(
    points: list[dict[str, Any]],
) -> None:
    kept = thinned(points, NOW)
    windows = Windows.between(NOW - 5 * 3600, NOW + 60, period=60)
    for statistic in ("Sum", "SampleCount", "Minimum", "Maximum"):
        before = datapoints(map(sample, points), windows, statistic)
        after = datapoints(map(sample, kept), windows, statistic)
        assert after == pytest.approx(before)
    assert thinned(kept, NOW) == kept
    assert [one["Timestamp"] for one in kept] == sorted(one["Timestamp"] for one in kept)


def test_a_merged_point_has_the_statistics_of_all_its_points() -> None:
    together = merged([point(1, 2.0, Count=3.0), merged([point(2, 8.0), point(2, 4.0)], 2)], 0)
    assert sample(together) == Sample(0, 5, 18, 2, 8)
