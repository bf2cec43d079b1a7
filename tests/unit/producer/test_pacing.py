"""A rate is kept on average, and waiting never blocks the others."""

from __future__ import annotations

import time

import pytest

from producer import Line, paced

LINES = [Line(number, b"{}", 2) for number in range(1, 21)]


def test_lines_come_no_faster_than_the_rate() -> None:
    started = time.monotonic()
    assert [line for line in paced(LINES, 100) if line] == LINES
    assert time.monotonic() - started >= 0.19


def test_a_long_wait_is_told_in_naps() -> None:
    got = list(paced(LINES[:2], 3))
    assert [line for line in got if line] == LINES[:2]
    assert got.count(None) >= 3


def test_pauses_of_the_source_pass_through() -> None:
    assert list(paced([None, None], 1)) == [None, None]


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_a_rate_that_is_none(rate: float) -> None:
    with pytest.raises(ValueError, match="rate must be above 0 events a second"):
        paced(LINES, rate)
