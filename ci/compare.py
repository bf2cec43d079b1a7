"""`cdk diff` between two commits, for merge requests: their code gets into no account."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from config import ROOT
from config.model import PipelineConfig

_CDK = str(ROOT / "node_modules/.bin/cdk")


def compare(config: PipelineConfig, stacks: Sequence[str], app: Path, commit: str) -> None:
    """Show how the templates of an environment differ from those that another commit makes, stack by stack.

    Args:
        config: the environment.
        stacks: those to compare.
        app: the folder of their templates.
        commit: anything that git takes for one. Its templates are made with the packages that are installed here.
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
        gone = {path.name.removesuffix(".template.json") for path in before.glob("*.template.json")} - known
    for stack in sorted(gone):
        print(f"\nStack {stack}\nis no longer part of the app; a deployment leaves it in the account")


def _synthesize(config: PipelineConfig, commit: str, tree: Path, out: Path) -> None:
    """Make the templates of a commit; none, if that commit makes none for the environment."""
    _git("worktree", "add", "--quiet", "--detach", str(tree), f"{commit}^{{commit}}")
    try:
        # Bundles go by the hash of their sources: what did not change is not built again.
        (ROOT / "build").mkdir(exist_ok=True)
        (tree / "build").symlink_to(ROOT / "build", target_is_directory=True)
        command = [_CDK, "synth", "--quiet", "--no-notices", "--output", str(out)]
        command += ["--context", f"env={config.env}"]
        paths = {"PYTHONPATH": f"{tree}:{tree / 'constructs'}"}
        if subprocess.run(command, cwd=tree, env={**os.environ, **paths}, check=False).returncode:  # noqa: S603
            print(f"commit {commit} makes no templates of environment {config.env}: compared with nothing")
    finally:
        _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> None:
    if subprocess.run(["git", *arguments], cwd=ROOT, check=False).returncode:  # noqa: S603, S607
        sys.exit(f"git {' '.join(arguments)} failed")
