"""Resources counted in real templates, and figures in the text of docs/costs.md; `make check` verifies its tables."""

from __future__ import annotations

import gzip
import io
import json
import math
from pathlib import Path
from typing import Any

import pytest

import contract
import stacks.templates
from cli.cost.alternatives import alternatives, templates_in
from cli.cost.inventory import Delivery, Function, Stream, inventory
from cli.cost.traffic import Traffic
from config import ROOT
from producer import LIMITS, Event, generate
from producer.packing import Packer
from tests.infrastructure.synthesis import Syntheses
from tests.infrastructure.variants import VARIANTS

TEXT = (ROOT / "docs" / "costs.md").read_text(encoding="utf-8")
BILLED_STEP = 5 * 1024


def test_the_figures_of_packing_are_those_of_the_producer() -> None:
    lines = [found.text.encode() for found in generate(contract.load(), count=10_000, seed=1)]
    size = sum(len(line) + 1 for line in lines)
    packer = Packer(LIMITS["firehose"])
    records = [record for line in lines for record in packer.add(Event(1, "e", line))] + packer.take()
    billed = sum(math.ceil(len(record.data) / BILLED_STEP) * BILLED_STEP for record in records)
    text = b"\n".join(lines)
    assert f"generated events have {size / len(lines):.0f} on average" in TEXT
    assert f"billed as {BILLED_STEP * len(lines) / size:.1f} times its size" in TEXT
    assert f"down to {billed / size:.2f} times" in TEXT
    assert f"factor of {len(text) / len(gzip.compress(text)):.0f};" in TEXT


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_resource_is_counted_or_known_to_be_free(variant: str, syntheses: Syntheses) -> None:
    templates = syntheses.pipeline(VARIANTS[variant]).stacks.values()
    found = inventory(templates)
    assert found.uncounted == []
    types = [resource["Type"] for each in templates for resource in each["Resources"].values()]
    assert found.pieces["alarms"] == types.count("AWS::CloudWatch::Alarm")
    assert len(found.deliveries) == len(VARIANTS[variant].event_streams)


def test_settings_are_those_of_the_config(syntheses: Syntheses) -> None:
    found = inventory(syntheses.pipeline(VARIANTS["prod"]).stacks.values())
    assert found.streams == [Stream(shards=0, retention_hours=72)]
    assert found.deliveries == [
        Delivery(
            interval_seconds=60,
            size_mib=128,
            gate_interval_seconds=10,
            gate_size_mib=1,
            cool_days=30,
            kept_days=400 + 30,  # an expired file is a version for 30 days more
        )
    ]
    assert found.gate == Function(memory_mib=512, architecture="arm64", scheduled=0)
    assert found.windows == [300]
    other = inventory(syntheses.pipeline(VARIANTS["other values"]).stacks.values())
    assert other.streams == [Stream(shards=3, retention_hours=48)]
    assert (other.deliveries[0].interval_seconds, other.deliveries[0].gate_size_mib) == (500, 2)
    assert (other.instance_types, other.windows) == (["t3.micro"], [120])
    many = inventory(syntheses.pipeline(VARIANTS["many recipients"]).stacks.values())
    assert many.subscriptions == {"email": 2, "https": 2}
    ungated = inventory(syntheses.pipeline(VARIANTS["gate off"]).stacks.values())
    assert ungated.deliveries[0].gate_size_mib == 0
    assert ungated.metrics == inventory(syntheses.pipeline(VARIANTS["dev"]).stacks.values()).metrics - 3


def test_alternatives_are_counted_in_templates_of_their_own(
    syntheses: Syntheses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`clickstream cost` runs this program once for all of them."""
    given: list[Any] = [*alternatives(VARIANTS["dev"], Traffic(events_per_second=1, bytes=400))]
    some = [given[0], *(each for each in given if each.name == "Direct PUT, buffer 60 s")]
    configs = {
        str(tmp_path / each.name[:2]): each.config.model_dump(mode="json", by_alias=True) for each in some
    }
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(configs)))
    stacks.templates.main()
    configured, direct = (inventory(templates_in(Path(place))) for place in configs)
    assert configured == inventory(
        template for _, template in sorted(syntheses.pipeline(VARIANTS["dev"]).stacks.items())
    )
    assert (len(configured.streams), len(direct.streams)) == (1, 0)
    assert direct.pieces["delivery streams"] == 1
