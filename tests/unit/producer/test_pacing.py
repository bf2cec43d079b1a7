"""The rate is kept on average, and waiting never blocks sending."""

from __future__ import annotations

import pytest

from producer import Line, paced
from tests.unit.producer.conftest import Clock

LINES = [Line(number, b"{}", 2) for number in range(1, 21)]


def test_lines_come_at_the_rate(clock: Clock) -> None:
    started = clock.now
    assert [line for line in paced(LINES, 100) if line] == LINES
    assert clock.now - started == pytest.approx(0.19)


def test_a_long_wait_is_split_into_short_sleeps(clock: Clock) -> None:
    got = list(paced(LINES[:2], 3))
    assert [line for line in got if line] == LINES[:2]
    assert got.count(None) == 4


def test_pauses_of_the_source_are_passed_on() -> None:
    assert list(paced([None, None], 1)) == [None, None]


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_an_invalid_rate(rate: float) -> None:
    with pytest.raises(ValueError, match="rate must be above 0 events a second"):
        paced(LINES, rate)
