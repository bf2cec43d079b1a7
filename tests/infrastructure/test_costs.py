"""Resources counted in real templates, and figures in the text of docs/costs.md; `make check` verifies its tables."""

from __future__ import annotations

import gzip
import io
import math
import re
import subprocess
import sys
from typing import Any

import pytest
from typer.testing import CliRunner

import contract
import stacks.templates
from cli.cost.alternatives import alternatives, priced
from cli.cost.inventory import Delivery, Function, Stream, inventory
from cli.cost.prices import load_prices
from cli.cost.traffic import Traffic
from cli.main import app
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


def in_this_process(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the program of a command here, where the CDK is loaded already."""
    assert command == [sys.executable, "-m", "stacks.templates"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO(options["input"]))
        stacks.templates.main()
    return subprocess.CompletedProcess(command, 0)


def test_alternatives_are_counted_in_templates_of_their_own(
    syntheses: Syntheses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.cost.alternatives.subprocess.run", in_this_process)
    monkeypatch.setattr("cli.cost.alternatives._INTERVALS", (60,))
    traffic = Traffic(events_per_second=100, bytes=400)
    bills = {
        each.alternative.name: each
        for each in priced([*alternatives(VARIANTS["dev"], traffic)], load_prices())
    }
    assert len(bills) == 1 + 2 + 2
    configured = bills["as configured: Data Stream of 1 shard, buffer 60 s"]
    synthesized = syntheses.pipeline(VARIANTS["dev"]).stacks
    assert configured.found == inventory(template for _, template in sorted(synthesized.items()))
    direct = bills["Direct PUT, buffer 60 s"]
    assert (len(configured.found.streams), len(direct.found.streams)) == (1, 0)
    assert direct.found.alarm_metrics != configured.found.alarm_metrics
    assert bills["without the gate"].found.deliveries[0].gate_size_mib == 0
    assert bills["one event in each record"].usd > configured.usd


def test_the_command_names_the_cheapest_alternative(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.cost.alternatives.subprocess.run", in_this_process)
    monkeypatch.setattr("cli.cost.alternatives._INTERVALS", (60,))
    options = ["cost", "--env", "dev", "--events-per-second", "100", "--freshness", "20m"]
    table = CliRunner().invoke(app, options)
    assert table.exit_code == 0, table.exception
    assert "The cheapest with rows within 1,200 s: Direct PUT, buffer 60 s (" in table.stdout
    rows = [re.split(r"  +", line) for line in table.stdout.split("alternative ")[1].splitlines()[1:]]
    sums = [
        float(row[1].replace(",", "")) for row in rows if len(row) > 3 or row[0].startswith("as configured")
    ]
    assert len(sums) == 5
    assert sums == sorted(sums)


def test_templates_that_cannot_be_synthesized_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "Traceback (most recent call last):\n  File ...\nValueError: no such thing\n"
    failed = subprocess.CompletedProcess([], 1, stderr=said)
    monkeypatch.setattr("cli.cost.alternatives.subprocess.run", lambda *_, **__: failed)
    done = CliRunner().invoke(app, ["cost", "--env", "dev"])
    assert str(done.exception) == "the templates cannot be synthesized: \nValueError: no such thing"
