"""`cdk diff` between two commits, and its cost, for merge requests, whose code must not get access to an account."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cli.cost.bill import bill
from cli.cost.inventory import inventory
from cli.cost.prices import load_prices
from cli.cost.shown import compared
from cli.cost.traffic import Traffic
from cli.output import print_columns
from config import ROOT
from config.model import PipelineConfig

_CDK = str(ROOT / "node_modules/.bin/cdk")


def compare(config: PipelineConfig, stacks: Sequence[str], app: Path, commit: str, traffic: Traffic) -> None:
    """Show how the templates of an environment differ from those of another commit, stack by stack, and their cost.

    Args:
        config: the environment.
        stacks: the stacks to compare.
        app: the folder of their templates.
        commit: any git revision. Its templates are synthesized with the packages that are installed here.
        traffic: the events that the cost is computed for.
    """
    with tempfile.TemporaryDirectory(prefix="compare-") as scratch:
        before, empty = Path(scratch, "cdk.out"), Path(scratch, "empty.json")
        empty.write_text("{}")
        _synthesize(config, commit, Path(scratch, "tree"), before)
        for stack in stacks:
            template = before / f"{stack}.template.json"
            template = template if template.exists() else empty
            options = ["--exclusively", "--app", str(app), "--template", str(template), "--no-notices"]
            print(flush=True)
            if subprocess.run([_CDK, "diff", stack, *options], cwd=ROOT, check=False).returncode:  # noqa: S603
                sys.exit(f"cdk diff {stack} failed")
        known = {*stacks, config.names.stack("Ci")}
        _print_costs(
            before=[*before.glob("*.template.json")],
            after=[app / f"{stack}.template.json" for stack in stacks],
            traffic=traffic,
        )
        gone = {path.name.removesuffix(".template.json") for path in before.glob("*.template.json")} - known
    for stack in sorted(gone):
        print(f"\nStack {stack}\nis no longer part of the app; a deployment leaves it in the account")


def _print_costs(before: Sequence[Path], after: Sequence[Path], traffic: Traffic) -> None:
    """Print the lines of a month's bill that change."""
    prices = load_prices()
    print(
        f"\nCost in USD a month of {traffic.events_per_second:,g} events/s of {traffic.bytes:,} bytes, "
        f"by list prices of {prices.region}, {prices.date}"
    )
    try:
        bills = [
            bill(inventory(json.loads(path.read_text(encoding="utf-8")) for path in paths), traffic, prices)
            for paths in (before, after)
        ]
    except ValueError as error:  # must not keep anyone from the difference in resources
        print(f"cannot be compared: {error}")
        return
    print_columns(compared(*bills))


def _synthesize(config: PipelineConfig, commit: str, tree: Path, out: Path) -> None:
    """Synthesize the templates of a commit; none if it has none for the environment."""
    _git("worktree", "add", "--quiet", "--detach", str(tree), f"{commit}^{{commit}}")
    try:
        # Bundles are named by the hash of their sources, so unchanged ones are not built again.
        (ROOT / "build").mkdir(exist_ok=True)
        (tree / "build").symlink_to(ROOT / "build", target_is_directory=True)
        command = [_CDK, "synth", "--quiet", "--no-notices", "--output", str(out)]
        command += ["--context", f"env={config.env}"]
        paths = {"PYTHONPATH": f"{tree}:{tree / 'constructs'}"}
        if subprocess.run(command, cwd=tree, env={**os.environ, **paths}, check=False).returncode:  # noqa: S603
            print(f"commit {commit} has no templates for environment {config.env}: compared with nothing")
    finally:
        _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> None:
    if subprocess.run(["git", *arguments], cwd=ROOT, check=False).returncode:  # noqa: S603, S607
        sys.exit(f"git {' '.join(arguments)} failed")
