"""Other configurations of an environment for the same events, and what each of them costs and gives up."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from cli.cost.bill import Line, bill, total
from cli.cost.events import seconds_to_row
from cli.cost.inventory import Inventory, inventory
from cli.cost.prices import Prices
from cli.cost.traffic import Traffic
from cli.output import CommandError
from config import ROOT

if TYPE_CHECKING:
    from config.model import PipelineConfig

_INTERVALS = (0, 15, 60, 300, 900)


@dataclass(frozen=True, kw_only=True)
class Alternative:
    """One configuration.

    Attributes:
        name: for display.
        config: its config.
        traffic: the events, as its producers send them.
        gives_up: what the configured environment has and this one does not.
        keeps_guarantees: true if it loses no event and no check of events.
    """

    name: str
    config: PipelineConfig
    traffic: Traffic
    gives_up: str = ""
    keeps_guarantees: bool = True


@dataclass(frozen=True, kw_only=True)
class Priced:
    """The bill of an alternative, and the longest time from an event to its row."""

    alternative: Alternative
    found: Inventory
    lines: Sequence[Line]
    seconds: float

    @property
    def usd(self) -> float:
        """The sum of a month."""
        return total(self.lines)

    @property
    def shards_needed(self) -> int:
        """Shards that each Data Stream needs for the traffic at its peak."""
        return self.alternative.traffic.share(max(1, len(self.found.deliveries))).shards

    @property
    def carries_traffic(self) -> bool:
        """True if its Data Streams have the shards for it; on demand they always do."""
        return not any(0 < stream.shards < self.shards_needed for stream in self.found.streams)


def alternatives(config: PipelineConfig, traffic: Traffic) -> Iterator[Alternative]:
    """The configured environment first; then each source with each buffer interval, and single changes."""
    yield Alternative(name=f"as configured: {_named(config)}", config=config, traffic=traffic)
    intervals = sorted({*_INTERVALS, config.streaming.buffer_interval_seconds})
    seen = [config.streaming]
    for source, gives_up in _sources(config, traffic):
        for seconds in intervals:
            other = _changed(config, streaming={**source, "buffer_interval_seconds": seconds})
            if other and other.streaming not in seen:
                seen.append(other.streaming)
                yield Alternative(name=_named(other), config=other, traffic=traffic, gives_up=gives_up)
    if config.gate.enabled and (ungated := _changed(config, gate={"enabled": False})):
        yield Alternative(
            name="without the gate",
            config=ungated,
            traffic=traffic,
            gives_up="the check of every event, and rejects",
            keeps_guarantees=False,
        )
    if traffic.packed:
        yield Alternative(
            name="one event in each record",
            config=config,
            traffic=replace(traffic, packed=False),
            gives_up="packing by the producers",
            keeps_guarantees=False,
        )


def _sources(config: PipelineConfig, traffic: Traffic) -> list[tuple[dict[str, Any], str]]:
    """The sources of a delivery stream, and what an environment gives up for each."""
    stream = config.streaming.source == "kinesis"
    on_demand = stream and config.streaming.kinesis.mode == "on_demand"
    shards = traffic.share(len(config.event_streams)).shards
    return [
        ({"source": "kinesis", "kinesis": {"mode": "on_demand"}}, ""),
        (
            {"source": "kinesis", "kinesis": {"mode": "provisioned", "shard_count": shards}},
            "shards that follow the traffic" if on_demand else "",
        ),
        ({"source": "direct_put"}, "the Data Stream: its retention, replay and readers" if stream else ""),
    ]


def _changed(config: PipelineConfig, **sections: Mapping[str, Any]) -> PipelineConfig | None:
    """The config with other values in some sections; None if that is no valid config."""
    from pydantic import ValidationError

    from config.model import PipelineConfig

    values = config.model_dump(mode="json", by_alias=True)
    for name, section in sections.items():
        values[name] = _merged(values[name], section)
    try:
        return PipelineConfig.model_validate(values)
    except ValidationError:
        return None


def _merged(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **values,
        **{key: _merged(values[key], new) if isinstance(new, dict) else new for key, new in changes.items()},
    }


def _named(config: PipelineConfig) -> str:
    streaming = config.streaming
    buffered = f"buffer {streaming.buffer_interval_seconds} s"
    if streaming.source == "direct_put":
        return f"Direct PUT, {buffered}"
    if streaming.kinesis.mode == "on_demand":
        return f"Data Stream on demand, {buffered}"
    shards = streaming.kinesis.shard_count
    return f"Data Stream of {shards} shard{'s' * (shards > 1)}, {buffered}"


def priced(some: Sequence[Alternative], prices: Prices) -> list[Priced]:
    """Synthesize each alternative, and compute its bill.

    Raises:
        CommandError: the templates cannot be synthesized or counted.
    """
    with TemporaryDirectory(prefix="clickstream-cost-") as folder:
        places = {str(Path(folder, str(number))): each for number, each in enumerate(some)}
        _synthesize({place: each.config for place, each in places.items()})
        return [price(each, templates_in(Path(place)), prices) for place, each in places.items()]


def price(alternative: Alternative, templates: Sequence[Mapping[str, Any]], prices: Prices) -> Priced:
    """Compute the bill of an alternative from its templates.

    Raises:
        CommandError: they have something that cannot be counted, or has no price.
    """
    try:
        found = inventory(templates)
        lines = bill(found, alternative.traffic, prices)
    except ValueError as error:
        raise CommandError(f"{alternative.name}: {error}") from None
    return Priced(
        alternative=alternative,
        found=found,
        lines=lines,
        seconds=seconds_to_row(found, prices.assumptions),
    )


def cheapest_within(seconds: float, some: Sequence[Priced]) -> Priced | None:
    """The cheapest that has its rows in time, carries the traffic and keeps all guarantees; None if there is none."""
    fit = [
        each
        for each in some
        if each.seconds <= seconds and each.carries_traffic and each.alternative.keeps_guarantees
    ]
    return min(fit, key=lambda each: each.usd, default=None)


def templates_in(folder: Path) -> list[dict[str, Any]]:
    """The templates of all stacks in a folder that `cdk synth` wrote; none if there is no such folder."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.template.json"))]


def _synthesize(configs: Mapping[str, PipelineConfig]) -> None:
    from cli.cdk import failure

    documents = {place: config.model_dump(mode="json", by_alias=True) for place, config in configs.items()}
    done = subprocess.run(
        [sys.executable, "-m", "stacks.templates"],
        cwd=ROOT,
        input=json.dumps(documents),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"the templates cannot be synthesized: {failure(done.stderr)}")
