"""Allowances: a stream accepts records up to its limits in each second."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from laptop.aws.throttling.allowance import Allowances
from laptop.aws.throttling.quotas import DirectPutQuota, ShardQuota, direct_put_quota, shard_quota

LIMITS = (100.0, 3.0)


def test_all_limits_must_be_kept() -> None:
    allowances = Allowances()
    assert allowances.take("shard", (60, 1), LIMITS, now=5.0)
    assert not allowances.take("shard", (60, 1), LIMITS, now=5.1)
    assert allowances.take("shard", (40, 1), LIMITS, now=5.2)
    assert allowances.take("shard", (0, 1), LIMITS, now=5.3)
    assert not allowances.take("shard", (0, 1), LIMITS, now=5.4)


def test_every_second_starts_with_the_full_allowance() -> None:
    allowances = Allowances()
    assert allowances.take("shard", (100, 1), LIMITS, now=5.9)
    assert allowances.take("shard", (100, 1), LIMITS, now=6.0)


def test_shards_have_separate_allowances() -> None:
    allowances = Allowances()
    assert allowances.take("first", (100, 1), LIMITS, now=5)
    assert allowances.take("second", (100, 1), LIMITS, now=5)


@given(
    amounts=st.lists(st.integers(0, 120), max_size=40),
    times=st.lists(st.floats(0, 4), min_size=40, max_size=40).map(sorted),
)
def test_no_second_exceeds_its_limit_and_nothing_that_fits_is_refused(
    amounts: list[int], times: list[float]
) -> None:
    allowances = Allowances()
    taken: dict[int, list[int]] = {}
    for amount, now in zip(amounts, times, strict=False):
        so_far = taken.setdefault(int(now), [])
        fits = sum(so_far) + amount <= 100 and len(so_far) < 3
        assert allowances.take("shard", (amount, 1), LIMITS, now=now) is fits
        if fits:
            so_far.append(amount)


def test_defaults_are_those_of_aws() -> None:
    assert ShardQuota() == ShardQuota(bytes_per_second=1024 * 1024, records_per_second=1000)
    assert direct_put_quota("eu-west-1") == DirectPutQuota()
    assert direct_put_quota("eu-central-1").bytes_per_second == 1024 * 1024
    assert shard_quota() == ShardQuota()
