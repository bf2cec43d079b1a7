"""Recording metrics of AWS services: little memory, exact values."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from laptop.aws.metrics import store
from laptop.aws.metrics.queries import MetricSource
from laptop.aws.metrics.retention import MINUTES_FOR
from laptop.aws.metrics.statistics import Sample
from laptop.aws.metrics.windows import Windows

HOUR = Windows(end=7200, period=60, count=60)


@pytest.fixture(autouse=True)
def account() -> Iterator[str]:
    account = str(uuid.uuid4().int)[:12]
    with request_scope(account, "eu-west-1"):
        yield account


def record(value: float, *, at: float, stream: str = "clicks") -> None:
    store.record("AWS/Kinesis", "Records", value, unit="Count", dimensions={"StreamName": stream}, now=at)


def source(*, unit: str | None = None, **dimensions: str) -> MetricSource:
    return MetricSource("AWS/Kinesis", "Records", tuple(sorted(dimensions.items())), "Sum", 60, unit)


def test_values_within_ten_seconds_are_one_set() -> None:
    for second in range(3600, 3625):
        record(second % 2, at=second)
    assert list(store.samples(source(StreamName="clicks"), HOUR)) == [
        Sample(3600, 10, 5, 0, 1),
        Sample(3610, 10, 5, 0, 1),
        Sample(3620, 5, 2, 0, 1),
    ]


def test_dimensions_must_be_exactly_the_same() -> None:
    record(1, at=3600)
    record(1, at=3600, stream="orders")
    assert list(store.samples(source(), HOUR)) == []
    assert list(store.samples(source(StreamName="clicks", ShardId="1"), HOUR)) == []
    assert len(list(store.samples(source(StreamName="orders"), HOUR))) == 1


def test_a_requested_unit_must_match() -> None:
    record(1, at=3600)
    assert list(store.samples(source(StreamName="clicks", unit="Bytes"), HOUR)) == []
    assert len(list(store.samples(source(StreamName="clicks", unit="Count"), HOUR))) == 1


def test_another_account_does_not_see_it() -> None:
    record(1, at=3600)
    with request_scope("999999999999", "eu-west-1"):
        assert list(store.samples(source(StreamName="clicks"), HOUR)) == []


def test_a_day_of_a_busy_stream_needs_little_memory() -> None:
    day = 24 * 3600
    for second in range(0, day, 5):
        record(1, at=second)
    store.tidy(day)
    (points,) = cloudwatch._metrics.values()
    assert len(points) <= 3 * 360 + 21 * 60 + 1
    assert sum(point["_stat"]["Sum"] for point in points) == day / 5


def test_an_old_metric_is_removed() -> None:
    record(1, at=0)
    store.tidy(MINUTES_FOR + 11)
    assert cloudwatch._metrics.keys() == []
