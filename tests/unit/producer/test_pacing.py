"""The rate is kept on average, and waiting never blocks sending."""

from __future__ import annotations

import pytest

from contract import Found
from producer import paced
from tests.unit.producer.conftest import Clock

DOCUMENTS = [Found("{}", {}, [], number) for number in range(1, 21)]


def test_documents_come_at_the_rate(clock: Clock) -> None:
    started = clock.now
    assert [found for found in paced(DOCUMENTS, 100) if found] == DOCUMENTS
    assert clock.now - started == pytest.approx(0.19)


def test_a_long_wait_is_split_into_short_sleeps(clock: Clock) -> None:
    got = list(paced(DOCUMENTS[:2], 3))
    assert [found for found in got if found] == DOCUMENTS[:2]
    assert got.count(None) == 4


def test_pauses_of_the_source_are_passed_on() -> None:
    assert list(paced([None, None], 1)) == [None, None]


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_an_invalid_rate(rate: float) -> None:
    with pytest.raises(ValueError, match="rate must be above 0 events a second"):
        paced(DOCUMENTS, rate)
