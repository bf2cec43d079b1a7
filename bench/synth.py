"""Synthesis of the whole app against that of a one-bucket app."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.figures import Figure

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 2.0


def measure(runs: int = 5) -> Figure:
    """Run both apps in turn without the security review, after a warm-up that also builds the Lambda bundle."""
    _run("stacks")
    _run("bench.one_bucket")
    pairs = [(_run("stacks"), _run("bench.one_bucket")) for _ in range(runs)]
    return Figure(
        name="synth of the whole app / of one bucket, s",
        ours=statistics.median(ours for ours, _ in pairs),
        other=statistics.median(other for _, other in pairs),
        limit=LIMIT,
        limits_ratio=True,
    )


def _run(module: str) -> float:
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    with tempfile.TemporaryDirectory() as outdir:
        environment = {
            **os.environ,
            "CDK_OUTDIR": outdir,
            # The CLI passes the flags of cdk.json this way.
            "CDK_CONTEXT_JSON": json.dumps({**context, "env": "dev"}),
        }
        started = time.perf_counter()
        done = subprocess.run(  # noqa: S603 - our own argument list
            [sys.executable, "-m", module],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"{module} ended with {done.returncode}:\n{done.stderr}")
    return seconds
