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
import yaml

from cli.output import CommandError
from config import ROOT

_STAGES = ("lint", "test", "security")
_ASKS_THE_NETWORK = "audit"
_RUNNER = ROOT / "node_modules" / "gitlab-ci-local" / "dist" / "index.js"
_TOOLS = ROOT / ".venv" / "bin"
_NO_RSYNC = Path(__file__).parent / "without_rsync"
# What a runner would say of the pipeline of a protected default branch.
_BRANCH = "main"
_REMOTE = "git@gitlab.example.com:my-group/clickstream.git"


def local(
    jobs: Annotated[list[str] | None, typer.Argument(help="Some of them, or others.")] = None,
) -> None:
    """Run the jobs that need no account, as GitLab would, on what is committed: a dirty tree does not matter.

    They are those of the stages lint, test and security, but for the audit, which has to ask databases on the network.
    """
    with tempfile.TemporaryDirectory(prefix="ci-local-") as scratch:
        clone = Path(scratch, "clickstream")
        clone_head(ROOT, clone)
        took = {job: run_job(clone, job) for job in jobs or jobs_to_run(clone)}
    print("\n".join(f"{job:<14}{seconds:6.0f} s  passed" for job, seconds in took.items()))
    if not jobs:
        print(f"{_ASKS_THE_NETWORK:<14}not run: make {_ASKS_THE_NETWORK}")


def jobs_to_run(clone: Path) -> list[str]:
    """The jobs of those stages, in their order."""
    file = yaml.safe_load((clone / ".gitlab-ci.yml").read_text())
    return [
        name
        for stage in _STAGES
        for name, job in file.items()
        if isinstance(job, dict) and job.get("stage") == stage and name != _ASKS_THE_NETWORK
    ]


def clone_head(source: Path, clone: Path) -> None:
    """Clone what is committed, as the default branch of a project on a GitLab."""
    _run(["git", "clone", "--quiet", str(source), str(clone)], source, "the clone")
    for command in (
        ["git", "checkout", "--quiet", "-B", _BRANCH],
        ["git", "update-ref", f"refs/remotes/origin/{_BRANCH}", "HEAD"],
        ["git", "symbolic-ref", "refs/remotes/origin/HEAD", f"refs/remotes/origin/{_BRANCH}"],
        ["git", "remote", "set-url", "origin", _REMOTE],
    ):
        _run(command, clone, "the clone")


def run_job(clone: Path, job: str) -> float:
    """Run one job; returns the seconds that took.

    Raises:
        CommandError: it failed.
    """
    node = shutil.which("node", path=os.pathsep.join([str(_TOOLS), os.environ.get("PATH", "")]))
    if node is None or not _RUNNER.exists():
        raise CommandError("gitlab-ci-local is not installed here; run `make setup`")
    began = time.monotonic()
    options = ["--force-shell-executor", "--variable", "CI_COMMIT_REF_PROTECTED=true"]
    options += ["--ignore-predefined-vars", "CI_COMMIT_REF_PROTECTED"]
    _run([node, str(_RUNNER), job, *options], clone, f"job {job}")
    return time.monotonic() - began


def _run(command: Sequence[str], folder: Path, what: str) -> None:
    code = subprocess.run(command, cwd=folder, env=_clean_environment(), check=False).returncode  # noqa: S603
    if code:
        raise CommandError(f"{what} failed with exit code {code}")


def _clean_environment() -> dict[str, str]:
    """This shell's, without what `make` put in front: a clone brings its own tools."""
    ours = {str(_TOOLS), str(ROOT / "node_modules" / ".bin")}
    search = [entry for entry in os.environ.get("PATH", "").split(os.pathsep) if entry not in ours]
    if shutil.which("rsync", path=os.pathsep.join(search)) is None:
        search.insert(0, str(_NO_RSYNC))
    dropped = ("VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "ENV")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "PATH": os.pathsep.join(search)}
