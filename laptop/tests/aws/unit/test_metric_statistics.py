"""Samples become datapoints: windows and statistics."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laptop.aws.metrics.statistics import Sample, check_statistic, datapoints
from laptop.aws.metrics.windows import Windows

MINUTE = Windows(end=60, period=60, count=1)
WORD = [Sample.of(1, 2.0), Sample.of(2, 4.0), Sample.of(3, 9.0, count=2)]


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        ("Sum", 24),
        ("Average", 6),
        ("Minimum", 2),
        ("Maximum", 9),
        ("SampleCount", 4),
    ],
)
def test_a_statistic_counts_repeated_values_each_time(statistic: str, expected: float) -> None:
    assert datapoints(WORD, MINUTE, statistic) == (expected,)


def test_a_statistic_set_counts_as_all_its_values() -> None:
    published = Sample(timestamp=1, count=2, total=3, minimum=1, maximum=2)
    assert datapoints([published], MINUTE, "Average") == (1.5,)


@pytest.mark.parametrize("name", ["p99", "tm90", "sum", ""])
def test_other_statistics_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="statistic must be one of"):
        check_statistic(name)


def test_an_unfinished_window_is_omitted() -> None:
    windows = Windows.complete(now=659.9, period=60, count=2)
    assert list(windows.starts()) == [480, 540]


def test_a_five_minute_window_ends_at_every_minute() -> None:
    assert Windows.complete(now=367, period=300, count=1) == Windows(end=360, period=300, count=1)


def test_a_short_window_ends_every_ten_seconds() -> None:
    assert Windows.complete(now=47, period=30, count=1) == Windows(end=40, period=30, count=1)


def test_a_graph_covers_the_requested_time_in_aligned_windows() -> None:
    assert list(Windows.between(61, 185, period=60).starts()) == [60, 120, 180]


def test_the_end_of_a_window_belongs_to_the_next() -> None:
    windows = Windows(end=120, period=60, count=2)
    assert datapoints([Sample.of(59.999, 1), Sample.of(60, 2), Sample.of(120, 4)], windows, "Sum") == (1, 2)


@given(
    times=st.lists(st.floats(0, 1000), max_size=40),
    period=st.sampled_from([1, 10, 30, 60, 300]),
    now=st.floats(0, 1000),
    count=st.integers(1, 10),
)
def test_each_sample_counts_in_the_one_window_it_falls_into(
    times: list[float], period: int, now: float, count: int
) -> None:
    windows = Windows.complete(now=now, period=period, count=count)
    counted = datapoints([Sample.of(at, 1) for at in times], windows, "SampleCount")
    assert len(counted) == count
    assert sum(value or 0 for value in counted) == sum(windows.start <= at < windows.end for at in times)
    assert windows.end <= now
    for start, value in zip(windows.starts(), counted, strict=True):
        assert (value or 0) == sum(start <= at < start + period for at in times)
