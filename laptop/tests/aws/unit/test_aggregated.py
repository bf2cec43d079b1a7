"""Records of the Kinesis Producer Library."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laptop.aws.firehose.aggregated import parts
from laptop.testing.kpl import aggregate

KEYS = ["a", 'quoted "é"']
WHOLE = aggregate(KEYS, [(0, b"one"), (1, b"two")])


@given(st.lists(st.tuples(st.integers(0, 1), st.binary(max_size=300)), min_size=1, max_size=5))
def test_an_aggregate_is_taken_apart(records: list[tuple[int, bytes]]) -> None:
    assert parts(aggregate(KEYS, records), "own") == [(data, KEYS[index]) for index, data in records]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b'{"event_id": "a"}',
        WHOLE[:4],
        WHOLE[:-1],
        WHOLE[1:],
        WHOLE[:20] + b"?" + WHOLE[21:],
        aggregate(KEYS, []),
        aggregate(KEYS, [(2, b"a key that is not there")]),
    ],
    ids=["empty", "an event", "magic only", "cut", "no magic", "damaged", "without records", "wrong key"],
)
def test_another_record_stays_as_it_is(data: bytes) -> None:
    assert parts(data, "own") == [(data, "own")]
