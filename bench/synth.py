"""Synthesis of the whole app against that of a one-bucket app."""

from __future__ import annotations

import json
import tempfile
from functools import partial

from bench.figure import Figure, in_turn, medians, ratios
from bench.processes import PYTHON, seconds
from bench.run import ROOT, Run


def measure(run: Run) -> list[Figure]:
    """Run the three apps in turn, after a warm-up that also builds the Lambda bundles."""
    programs = {"with review": "app", "without review": "stacks", "one bucket": "bench.one_bucket"}
    found = in_turn(
        {name: partial(_synthesis, module) for name, module in programs.items()}, min(run.rounds, 4)
    )
    return [
        Figure(
            name=f"synth of the whole app, {name}",
            against="one-bucket Python CDK app",
            values=ratios(found[name], found["one bucket"]),
            at_most=mark,
            parts=medians({key: found[key] for key in (name, "one bucket")}, "s"),
        )
        for name, mark in (("without review", 2.0), ("with review", 2.8))
    ]


def _synthesis(module: str) -> float:
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    with tempfile.TemporaryDirectory() as outdir:
        # The CLI passes the flags of cdk.json this way.
        settings = {"CDK_OUTDIR": outdir, "CDK_CONTEXT_JSON": json.dumps({**context, "env": "dev"})}
        return seconds([PYTHON, "-m", module], settings)
