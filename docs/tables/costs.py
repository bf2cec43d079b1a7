"""docs/costs.md: resources that are billed individually, counted in the templates, and one bill."""

from __future__ import annotations

import tempfile
from collections import Counter
from functools import cache
from pathlib import Path

from cli.cost.bill import bill, by_item, total
from cli.cost.inventory import BILLED, REQUEST_METRICS, SCHEDULED, Inventory, inventory
from cli.cost.pieces import credits_without_load_history
from cli.cost.prices import load_prices
from cli.cost.traffic import Traffic
from config.model import PipelineConfig
from tests.infrastructure.synthesis import pipeline_config, templates_of
from tests.infrastructure.variants import VARIANTS
from tests.unit.pipeline_monitor.month import INCIDENTS, simulate

_ROWS = (*BILLED.values(), SCHEDULED, REQUEST_METRICS)
_TRAFFIC = Traffic(events_per_second=1000, bytes=400)
_WINDOWS = (60, 300, 900, 3600)


def table() -> str:
    """One row a thing that is billed by the piece, one column a deployment or what an option adds."""
    default = pieces(pipeline_config())
    columns = {
        "`dev`": pieces(VARIANTS["dev"]),
        "`prod`": pieces(VARIANTS["prod"]),
        "Direct PUT": pieces(VARIANTS["direct put"]),
        "a second kind of event": _added(default, VARIANTS["two kinds of event"]),
        "the sample producer": _added(default, VARIANTS["sample producer"]),
    }
    lines = [f"| | {' | '.join(columns)} |", "| --- |" + " --- |" * len(columns)]
    for row in _ROWS:
        if any(counts[row] for counts in columns.values()):
            lines.append(f"| {row} | {' | '.join(_cell(name, columns[name][row]) for name in columns)} |")
    return "\n" + "\n".join(lines) + "\n\n"


def bills() -> str:
    """The bills of both shipped environments for the same events, a line for each item."""
    prices = load_prices()
    lines = {env: bill(_inventory(VARIANTS[env]), _TRAFFIC, prices) for env in ("dev", "prod")}
    sums = {env: by_item(found) for env, found in lines.items()}
    rows = ["| | | `dev` | `prod` |", "| --- | --- | --- | --- |"]
    order = [service.service for service in prices.services.values()]
    for key in sorted(dict.fromkeys([*sums["prod"], *sums["dev"]]), key=lambda key: order.index(key[0])):
        cells = [f"{found[key]:,.2f}" if key in found else "" for found in sums.values()]
        rows.append(f"| {' | '.join([*key, *cells])} |")
    totals = [f"**{total(found):,.2f}**" for found in lines.values()]
    return "\n" + "\n".join([*rows, f"| **total** | | {' | '.join(totals)} |"]) + "\n\n"


def incidents() -> str:
    """The warehouse in a simulated month with an incident a day: what each kind costs, and when it shows."""
    days = [*simulate(1 + 7 * 4 + 2, lambda day: INCIDENTS[(day - 1) % len(INCIDENTS)] if day else None)]
    rows = [
        "| incident, for | its metric | exceeds its limit after | warehouse that day, in s |",
        "| --- | --- | --- | --- |",
    ]
    for broken, credits, noticed in days[1 : 1 + len(INCIDENTS)]:
        if broken:
            lasts, after = (f"{time.total_seconds() / 60:.0f} min" for time in (broken.lasts, noticed))
            rows.append(f"| {broken.name}, {lasts} | `{broken.metric}` | {after} | {credits * 3600:.0f} |")
    rows += [
        f"| none | | | {days[0][1] * 3600:.0f} |",
        f"| **the month, in credits** | | | **{sum(day[1] for day in days):.2f}** |",
    ]
    return "\n" + "\n".join(rows) + "\n\n"


def windows() -> str:
    """The credits that the monitor's warehouse takes in a month if the load history cannot be read by REST."""
    given = load_prices().assumptions
    rows = [f"| {seconds} | {credits_without_load_history(seconds, given):,.0f} |" for seconds in _WINDOWS]
    heads = ["| `window_seconds` | credits a month |", "| --- | --- |"]
    return "\n" + "\n".join([*heads, *rows]) + "\n\n"


def pieces(config: PipelineConfig) -> Counter[str]:
    """Number of each resource in a deployment; invocations are per month."""
    return Counter(_inventory(config).pieces)


def _inventory(config: PipelineConfig) -> Inventory:
    return _inventory_of(config.model_dump_json(by_alias=True))


@cache
def _inventory_of(config_json: str) -> Inventory:
    with tempfile.TemporaryDirectory() as outdir:
        config = PipelineConfig.model_validate_json(config_json)
        return inventory(templates_of(Path(outdir, "cdk.out"), config).stacks.values())


def _added(default: Counter[str], config: PipelineConfig) -> Counter[str]:
    more = pieces(config)
    more.subtract(default)
    return more


def _cell(column: str, count: int) -> str:
    sign = "+" if count and not column.startswith(("`", "Direct")) else ""
    return f"{sign}{count:,}" if count else ""
