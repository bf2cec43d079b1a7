"""The model behind docs/scaling.md: closed forms where there are any, monotone everywhere."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.simulation import MIB, SHARD_BYTES, Pipeline, burst, freshness, shards_for

RATES = st.floats(1, 1_000_000)


def test_without_a_burst_an_event_waits_for_the_buffers_only() -> None:
    pipeline = Pipeline(shards=10)
    slow, fast = freshness([100.0] * 60, pipeline), freshness([20_000.0] * 60, pipeline)
    assert slow == [pytest.approx(1 + 10 + 0.3 + 60 + 60)] * 60
    assert fast == [pytest.approx(1 + MIB / 8e6 + 0.3 + 128 * MIB / 8e6 + 60)] * 60


@pytest.mark.parametrize("factor", [3, 5, 20])
def test_a_burst_waits_as_long_as_the_queue_is(factor: int) -> None:
    """The queue grows by what is too much for the burst's time; then it shrinks by what is left."""
    pipeline, rate, seconds = Pipeline(shards=2, event_bytes=1000), 1000.0, 100
    capacity = 2 * SHARD_BYTES
    waits = freshness(burst(rate, factor, seconds=seconds, total=3600), pipeline)
    queued = seconds * (factor * rate * 1000 - capacity)
    at_full_speed = pipeline.unhurried(capacity / 1000)
    assert max(waits) == pytest.approx(queued / capacity + at_full_speed)
    drained = 60 + seconds + queued / (capacity - rate * 1000)
    assert waits[int(drained) + 1] == pytest.approx(pipeline.unhurried(rate))
    assert waits[int(drained) - 2] > at_full_speed


@given(rate=RATES, factor=st.floats(1, 50), shards=st.integers(1, 500))
@settings(max_examples=40, deadline=None)
def test_more_shards_never_delay_and_larger_bursts_never_hurry(
    rate: float, factor: float, shards: int
) -> None:
    def worst(number: int, by: float) -> float:
        return max(freshness(burst(rate, by, total=900), Pipeline(shards=number)))

    # The buffers fill sooner at a higher rate, so that only the queue's part is monotone.
    slack = Pipeline().unhurried(0) - 60
    assert worst(shards + 1, factor) <= worst(shards, factor) + slack
    assert worst(shards, factor + 1) >= worst(shards, factor) - slack


@given(rate=RATES)
def test_the_recommended_shards_carry_the_rate_and_one_less_is_too_loaded(rate: float) -> None:
    pipeline = Pipeline()
    shards = shards_for(rate, pipeline)
    load = rate * pipeline.event_bytes / (shards * SHARD_BYTES)
    assert load <= 0.7 + 1e-9
    assert shards == 1 or rate * pipeline.event_bytes / ((shards - 1) * SHARD_BYTES) > 0.7


def test_records_limit_shards_if_events_are_not_packed() -> None:
    assert shards_for(7000, Pipeline(record_bytes=1)) == 10
    assert shards_for(7000, Pipeline()) == 4


def test_on_demand_takes_twice_its_peak_at_once_and_more_after_a_quarter_of_an_hour() -> None:
    doubled = freshness(burst(50_000, 2), Pipeline())
    assert max(doubled) == doubled[0]
    tripled = freshness(burst(50_000, 3, seconds=3000), Pipeline())
    assert max(tripled) == tripled[60 + 899] > 400
    assert tripled[2900] == pytest.approx(freshness([150_000.0], Pipeline())[0])


def test_a_gate_without_concurrency_is_the_limit() -> None:
    few = Pipeline(shards=1000, gate_concurrency=10)
    assert few.gate_bytes < 1000 * SHARD_BYTES
    rates = [100_000.0] * 600
    assert max(freshness(rates, few)) == pytest.approx(
        600 * (100_000 * 400 - few.gate_bytes) / few.gate_bytes + few.unhurried(few.gate_bytes / 400)
    )
