"""Runs the pipeline's jobs here, from a clean clone."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from cli.output import CommandError
from stacks.config import ROOT

STAGES = ("lint", "test", "security")
_RUNNER = ROOT / "node_modules" / "gitlab-ci-local" / "dist" / "index.js"
_TOOLS = ROOT / ".venv" / "bin"
_NO_RSYNC = Path(__file__).parent / "without_rsync"
# What a runner would say of the pipeline of a protected default branch.
_BRANCH = "main"
_REMOTE = "git@gitlab.example.com:my-group/clickstream.git"


def local(
    stages: Annotated[
        list[str] | None, typer.Argument(help=f"Some of them; by default {', '.join(STAGES)}.")
    ] = None,
) -> None:
    """Run the jobs that need no account, as GitLab would, on what is committed: a dirty tree does not matter."""
    with tempfile.TemporaryDirectory(prefix="ci-local-") as scratch:
        clone = Path(scratch, "clickstream")
        clone_head(ROOT, clone)
        took = {stage: run_stage(clone, stage) for stage in stages or STAGES}
    print("\n".join(f"{stage:<10}{seconds:6.0f} s  passed" for stage, seconds in took.items()))


def clone_head(source: Path, clone: Path) -> None:
    """Clone what is committed, as the default branch of a project on a GitLab."""
    _run(["git", "clone", "--quiet", str(source), str(clone)], source)
    for command in (
        ["git", "checkout", "--quiet", "-B", _BRANCH],
        ["git", "update-ref", f"refs/remotes/origin/{_BRANCH}", "HEAD"],
        ["git", "symbolic-ref", "refs/remotes/origin/HEAD", f"refs/remotes/origin/{_BRANCH}"],
        ["git", "remote", "set-url", "origin", _REMOTE],
    ):
        _run(command, clone)


def run_stage(clone: Path, stage: str) -> float:
    """Run the jobs of a stage one after another; returns the seconds that took.

    Raises:
        CommandError: a job failed.
    """
    node = shutil.which("node", path=os.pathsep.join([str(_TOOLS), os.environ.get("PATH", "")]))
    if node is None or not _RUNNER.exists():
        raise CommandError("gitlab-ci-local is not installed here; run `make setup`")
    began = time.monotonic()
    options = ["--force-shell-executor", "--concurrency", "1", "--variable", "CI_COMMIT_REF_PROTECTED=true"]
    options += ["--ignore-predefined-vars", "CI_COMMIT_REF_PROTECTED"]
    _run([node, str(_RUNNER), "--stage", stage, *options], clone)
    return time.monotonic() - began


def _run(command: Sequence[str], folder: Path) -> None:
    code = subprocess.run(command, cwd=folder, env=_clean_environment(), check=False).returncode  # noqa: S603
    if code:
        raise CommandError(f"{' '.join(command[:4])} failed with exit code {code}")


def _clean_environment() -> dict[str, str]:
    """This shell's, without what `make` put in front: a clone brings its own tools."""
    ours = {str(_TOOLS), str(ROOT / "node_modules" / ".bin")}
    search = [entry for entry in os.environ.get("PATH", "").split(os.pathsep) if entry not in ours]
    if shutil.which("rsync", path=os.pathsep.join(search)) is None:
        search.insert(0, str(_NO_RSYNC))
    dropped = ("VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "STAGE")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "PATH": os.pathsep.join(search)}
