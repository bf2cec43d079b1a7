"""Prices by service and unit, and the assumptions about quantities that no template has."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cli.output import CommandError, shown

OURS = Path(__file__).with_name("prices.toml")
Tiers = Sequence[tuple[float, float]]
_FACTS = ("date", "region", "assumptions")


@dataclass(frozen=True)
class Service:
    """The prices of one service.

    Attributes:
        service: its name.
        source: the page that has them.
        checked: what they were compared with.
        usd: the tiers of each unit: where a tier begins, and the price of a unit in it.
    """

    service: str
    source: str
    checked: str
    usd: Mapping[str, Tiers]


@dataclass(frozen=True)
class Prices:
    """All prices of one region, and assumptions."""

    date: str
    region: str
    services: Mapping[str, Service]
    assumptions: Mapping[str, float]

    def usd(self, service: str, unit: str, quantity: float) -> float:
        """The price of a month's quantity.

        Raises:
            KeyError: no such service or unit.
        """
        tiers = self.services[service].usd[unit]
        ends = [*(start for start, _ in tiers[1:]), float("inf")]
        return sum(
            (min(quantity, end) - start) * price
            for (start, price), end in zip(tiers, ends, strict=True)
            if quantity > start
        )


def load_prices(override: Path | None = None) -> Prices:
    """The project's prices, with those of another file in their place.

    Raises:
        CommandError: the file cannot be used.
    """
    values = tomllib.loads(OURS.read_text(encoding="utf-8"))
    prices = Prices(
        date=str(values["date"]),
        region=values["region"],
        services={
            name: Service(
                **{**section, "usd": {unit: _tiers(price) for unit, price in section["usd"].items()}}
            )
            for name, section in values.items()
            if name not in _FACTS
        },
        assumptions=values["assumptions"],
    )
    return _overridden(prices, override) if override else prices


def _overridden(prices: Prices, file: Path) -> Prices:
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
        _require_known("the file", values, [*_FACTS, *prices.services])
        return Prices(
            date=str(values.get("date", prices.date)),
            region=str(values.get("region", prices.region)),
            services={
                name: _service(name, service, values.get(name, {}))
                for name, service in prices.services.items()
            },
            assumptions=_assumptions(prices.assumptions, values.get("assumptions", {})),
        )
    except (OSError, ValueError) as error:
        raise CommandError(f"--prices {shown(file)} cannot be used: {error}", exit_code=2) from None


def _service(name: str, service: Service, values: Mapping[str, Any]) -> Service:
    _require_known(f"[{name}]", values, ["service", "source", "checked", "usd"])
    usd = values.get("usd", {})
    _require_known(f"[{name}.usd]", usd, service.usd)
    if not usd:
        return service
    return replace(
        service,
        source=str(values.get("source", "--prices")),
        checked=str(values.get("checked", "")),
        usd={**service.usd, **{unit: _tiers(price) for unit, price in usd.items()}},
    )


def _assumptions(ours: Mapping[str, float], values: Mapping[str, Any]) -> Mapping[str, float]:
    _require_known("[assumptions]", values, ours)
    return {**ours, **{name: _number(value) for name, value in values.items()}}


def _require_known(where: str, values: object, known: Iterable[str]) -> None:
    if not isinstance(values, dict):
        raise ValueError(f"{where} is no table")
    if unknown := [name for name in values if name not in known]:
        raise ValueError(f"{where} has {unknown[0]!r}; allowed are {', '.join(known)}")


def _tiers(price: object) -> Tiers:
    if not isinstance(price, list):
        return [(0, _number(price))]
    pairs = [each if isinstance(each, list) and len(each) == 2 else [0, None] for each in price]
    tiers = [(_number(start), _number(usd)) for start, usd in pairs]
    if not tiers or tiers[0][0] != 0 or tiers != sorted(tiers, key=lambda tier: tier[0]):
        raise ValueError(f"tiers begin at 0 and go up, as in [[0, 0.03], [1000, 0.02]]: {price}")
    return tiers


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise ValueError(f"{value!r} is no number of 0 or more")
    return value
