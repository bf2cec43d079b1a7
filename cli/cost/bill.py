"""A month's bill, line by line: quantities from templates and traffic, times prices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from cli.cost.events import event_quantities
from cli.cost.inventory import Inventory
from cli.cost.pieces import piece_quantities
from cli.cost.prices import Prices
from cli.cost.traffic import Traffic


@dataclass(frozen=True)
class Line:
    """One item of the bill, in USD a month."""

    service: str
    item: str
    quantity: float
    unit: str
    usd: float


def bill(found: Inventory, traffic: Traffic, prices: Prices) -> list[Line]:
    """The lines of a month: nothing fails, and the lake is as full as its lifecycle rules allow."""
    quantities: dict[tuple[str, str, str], float] = defaultdict(float)
    for service, item, quantity, unit in [
        *event_quantities(found, traffic, prices.assumptions),
        *piece_quantities(found, prices.assumptions),
    ]:
        quantities[service, item, unit] += quantity
    order = [*prices.services]
    return [
        Line(prices.services[service].service, item, quantity, unit, prices.usd(service, unit, quantity))
        for (service, item, unit), quantity in sorted(
            quantities.items(), key=lambda each: order.index(each[0][0])
        )
        if quantity
    ]


def by_item(lines: Sequence[Line]) -> dict[tuple[str, str], float]:
    """The USD of each service and item, whose lines may differ in their unit."""
    usd: dict[tuple[str, str], float] = defaultdict(float)
    for line in lines:
        usd[line.service, line.item] += line.usd
    return dict(usd)


def total(lines: Sequence[Line]) -> float:
    """The sum of a bill."""
    return sum(line.usd for line in lines)
