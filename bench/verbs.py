"""The verbs that a developer waits for: `make setup` in a fresh clone, `make test`, `clickstream … --help`."""

from __future__ import annotations

import typer.main

from bench.figure import Figure
from bench.processes import PYTHON, cpu_seconds, seconds
from bench.processes import run as run_process
from bench.run import ROOT, Run
from cli.main import app


def setup(run: Run) -> list[Figure]:
    """Clone the last commit, and set it up with uv's cache as it is."""
    clone = run.scratch / "clone"
    run_process(["git", "clone", "--quiet", "--local", str(ROOT), str(clone)])
    # Not with this run's packages first on the path.
    took = seconds(["make", "--directory", str(clone), "setup"], {"MAKEFLAGS": "", "PYTHON": "python3"})
    return [
        Figure(name="make setup", against="a fresh clone", values=[took], unit="s", at_most=60),
    ]


def test(run: Run) -> list[Figure]:
    """All tests of the product, once."""
    took = seconds(["make", "--directory", str(ROOT), "test"], {"MAKEFLAGS": ""})
    return [Figure(name="make test", against="this folder", values=[took], unit="s", at_most=240)]


def helps(run: Run) -> list[Figure]:
    """CPU time of each subcommand's help; the slowest counts."""
    names = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    commands = [[PYTHON, "-m", "cli.main", *name, "--help"] for name in [[], *([name] for name in names)]]
    for command in commands:
        cpu_seconds(command)  # compiles what is new
    rounds = [max(cpu_seconds(command) for command in commands) for _ in range(min(run.rounds, 3))]
    return [
        Figure(name="the slowest `clickstream … --help`", against="CPU", values=rounds, unit="s", at_most=0.4)
    ]
