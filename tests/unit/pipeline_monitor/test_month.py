"""A month of runs: what the warehouse is billed, and when an incident is noticed."""

from __future__ import annotations

import pytest

from tests.unit.pipeline_monitor.month import INCIDENTS, simulate


def test_a_month_with_an_incident_a_day_takes_at_most_five_credits() -> None:
    days = [*simulate(31, lambda day: INCIDENTS[day % len(INCIDENTS)] if day else None)]
    assert sum(credits for _, credits, _ in days) <= 5
    late = {f"{broken.name}: {noticed}" for broken, _, noticed in days if broken and noticed > broken.noticed}
    assert late == set()


def test_a_day_without_an_incident_takes_one_wake() -> None:
    days = [*simulate(4, lambda day: None)]
    assert [credits * 3600 for _, credits, _ in days[1:]] == pytest.approx([63] * 3)
