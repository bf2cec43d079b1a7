"""The figures in the text of docs/costs.md; `make check` verifies its table."""

from __future__ import annotations

import gzip
import math
import re

import contract
from config import ROOT
from docs.tables.costs import MONTH_HOURS
from producer import LIMITS, Event, generate
from producer.packing import Packer

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


def test_the_credits_follow_from_the_formula() -> None:
    seconds = MONTH_HOURS * 3600
    rows = dict(re.findall(r"^\| (\d+) \| (\d+)\b", TEXT, re.MULTILINE))
    assert set(rows) == {"60", "300", "900", "3600"}
    for window, credits in rows.items():
        awake = min(63, int(window))
        assert int(credits) == round(seconds / int(window) * awake / 3600)
