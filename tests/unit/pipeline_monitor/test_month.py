"""A month of runs: what the warehouse is billed, and when an incident is noticed."""

from __future__ import annotations

import pytest

from cli.cost.bill import bill
from cli.cost.inventory import inventory
from cli.cost.prices import load_prices
from tests.unit.cli.cost.templates import THOUSAND, template
from tests.unit.pipeline_monitor.month import INCIDENTS, simulate


def test_a_month_with_an_incident_a_day_takes_at_most_five_credits_and_is_that_of_the_bill() -> None:
    days = [*simulate(31, lambda day: INCIDENTS[(day - 1) % len(INCIDENTS)] if day else None)]
    took = sum(credits for _, credits, _ in days)
    assert took <= 5
    late = {f"{broken.name}: {noticed}" for broken, _, noticed in days if broken and noticed > broken.noticed}
    assert late == set()
    lines = bill(inventory([template()]), THOUSAND, load_prices())
    (billed,) = (line.quantity for line in lines if line.item == "warehouse of the monitor")
    assert took == pytest.approx(billed, rel=0.05)


def test_a_day_without_an_incident_takes_one_wake() -> None:
    days = [*simulate(4, lambda day: None)]
    assert [credits * 3600 for _, credits, _ in days[1:]] == pytest.approx([63] * 3)
