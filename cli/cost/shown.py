"""A bill and its alternatives, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from cli.cost.alternatives import Priced
from cli.cost.bill import Line, by_item, total
from cli.cost.events import GIB
from cli.cost.pieces import credits_without_load_history
from cli.cost.prices import Prices
from cli.cost.traffic import Traffic
from cli.output import print_columns, tell

_CENT = 0.01


def print_bill(env: str, traffic: Traffic, configured: Priced, prices: Prices) -> None:
    """Print a table of all lines, and what it rests on."""
    tell(
        f"environment {env}: {traffic.events_per_second:,g} events/s of {traffic.bytes:,} bytes, "
        f"{traffic.events / 1e6:,.1f} million events, {traffic.total_bytes / GIB:,.1f} GB a month"
    )
    tell("")
    rows = [
        (line.service, line.item, f"{line.quantity:,.3f}", line.unit, f"{line.usd:,.2f}")
        for line in configured.lines
    ]
    rows = [("service", "item", "quantity", "unit", "USD"), *rows]
    print_columns(_right([*rows, ("total", "", "", "", f"{configured.usd:,.2f}")], 2, 4))
    tell("")
    tell(
        f"List prices of {prices.region}, {prices.date}, without free tiers, discounts and tax. The lake is as full "
        "as its lifecycle rules allow."
    )


def print_alternatives(configured: Priced, others: Sequence[Priced], prices: Prices) -> None:
    """Print a table of all alternatives, the cheapest first."""
    tell("")
    heads = ("alternative", "USD", "difference", "event to row", "gives up")
    rows = [
        (
            each.alternative.name,
            f"{each.usd:,.2f}",
            "" if each is configured else f"{each.usd - configured.usd:+,.2f}",
            f"{each.seconds:,.0f} s",
            each.alternative.gives_up,
        )
        for each in sorted([configured, *others], key=lambda each: each.usd)
    ]
    print_columns(_right([heads, *rows], 1, 2, 3))
    tell("")
    tell(
        f"Event to row: at most, by the buffers, with {prices.assumptions['snowpipe_seconds']:.0f} s for Snowpipe, "
        "which promises no time."
    )


def print_cheapest(cheapest: Priced, configured: Priced, freshness: float) -> None:
    """Print the alternative that was chosen."""
    less = configured.usd - cheapest.usd
    than = f", {less:,.2f} USD less than as configured" if less > 0 else ""
    tell(
        f"The cheapest with rows within {freshness:,.0f} s: {cheapest.alternative.name} "
        f"({cheapest.usd:,.2f} USD{than})."
    )


def notes(configured: Priced, prices: Prices) -> list[str]:
    """Remarks on a bill: what it leaves out, shards that do not suffice, prices of another region."""
    found, config = configured.found, configured.alternative.config
    said = []
    if (region := config.region) not in ("", prices.region):
        said.append(
            f"the environment is in {region}, and the prices are those of {prices.region}: see --prices"
        )
    if not configured.carries_traffic:
        said.append(
            f"the shards of a Data Stream do not carry this: {configured.shards_needed} are needed for "
            f"{configured.alternative.traffic.peak:g} times the average (--peak)"
        )
    for window in found.windows if config.snowflake.login == "workload_identity" else ():
        more = prices.usd("snowflake", "credit", credits_without_load_history(window, prices.assumptions))
        said.append(
            "the monitor reads load histories by REST, which needs no warehouse; if Snowflake refuses its workload "
            f"identity there (`clickstream doctor`), add {more:,.0f} USD"
        )
    if any(not delivery.kept_days for delivery in found.deliveries):
        said.append(
            "events never expire, so storage grows each month; the bill has assumptions.kept_months of them"
        )
    if found.uncounted:
        said.append(f"not counted: {', '.join(found.uncounted)}")
    return said


def as_json(
    env: str, traffic: Traffic, configured: Priced, others: Sequence[Priced], prices: Prices
) -> dict[str, Any]:
    """The document of `--json`."""
    return {
        "env": env,
        "traffic": asdict(traffic),
        "currency": "USD",
        "prices": {
            "date": prices.date,
            "region": prices.region,
            "sources": {service.service: service.source for service in prices.services.values()},
            "assumptions": prices.assumptions,
        },
        **_document(configured),
        "lines": [asdict(line) for line in configured.lines],
        "notes": notes(configured, prices),
        "alternatives": [_document(each) for each in sorted(others, key=lambda each: each.usd)],
    }


def _document(each: Priced) -> dict[str, Any]:
    return {
        "name": each.alternative.name,
        "usd_a_month": round(each.usd, 2),
        "seconds_to_row": each.seconds,
        "gives_up": each.alternative.gives_up,
        "keeps_guarantees": each.alternative.keeps_guarantees,
    }


def compared(before: Sequence[Line], after: Sequence[Line]) -> list[tuple[str, ...]]:
    """A table of the lines that differ between two bills by a cent or more, and of the totals."""
    old, new = by_item(before), by_item(after)
    sums = {key: (old.get(key, 0.0), new.get(key, 0.0)) for key in dict.fromkeys([*old, *new])}
    different = {key: pair for key, pair in sums.items() if abs(pair[1] - pair[0]) >= _CENT}
    different["total", ""] = total(before), total(after)
    rows = [
        (*key, f"{usd:,.2f}", f"{then:,.2f}", f"{then - usd:+,.2f}") for key, (usd, then) in different.items()
    ]
    return _right([("service", "item", "before", "after", "difference"), *rows], 2, 3, 4)


def _right(rows: Sequence[tuple[str, ...]], *columns: int) -> list[tuple[str, ...]]:
    """The rows with some columns aligned to the right."""
    widths = {column: max(len(row[column]) for row in rows) for column in columns}
    return [tuple(cell.rjust(widths.get(column, 0)) for column, cell in enumerate(row)) for row in rows]
