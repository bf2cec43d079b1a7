"""Billed seconds of warehouses, by Snowflake's rules."""

from __future__ import annotations

import pytest

from laptop.snowflake.metering import WarehouseMeter

Use = tuple[float, float]
"""The end of a statement, and how long it ran."""


@pytest.mark.parametrize(
    ("uses", "auto_suspend", "now", "billed"),
    [
        ([], 60, 1000, 0),
        ([(10, 3)], 60, 1000, 3 + 60 + 30),
        ([(10, 3)], 30, 1000, 3 + 30 + 30),
        ([(10, 3)], 5, 1000, 60),
        ([(10, 3)], 60, 20, 60),
        ([(10, 3), (90, 1)], 60, 1000, 83 + 60 + 30),
        ([(10, 3), (200, 3)], 60, 1000, 2 * 93),
        ([(10, 3)], 0, 1000, 993),
    ],
    ids=[
        "unused",
        "runs on",
        "is suspended sooner",
        "a minute at least",
        "a minute at once",
        "used again while it runs",
        "resumed twice",
        "never suspended",
    ],
)
def test_a_warehouse_is_billed_while_it_runs(
    uses: list[Use], auto_suspend: int, now: float, billed: float
) -> None:
    time = [0.0]
    meter = WarehouseMeter(lambda: time[0])
    for end, seconds in uses:
        time[0] = end
        meter.used("W", "MONITOR", seconds=seconds, auto_suspend=auto_suspend)
    time[0] = now
    assert meter.seconds() == ({"W": {"MONITOR": billed}} if billed else {})


def test_the_user_who_resumed_it_pays() -> None:
    time = [10.0]
    meter = WarehouseMeter(lambda: time[0])
    for end, user in ((10, "A"), (50, "B"), (500, "B")):
        time[0] = end
        meter.used("W", user, seconds=1, auto_suspend=60)
    time[0] = 9999
    assert meter.seconds() == {"W": {"A": 41 + 90, "B": 91}}
