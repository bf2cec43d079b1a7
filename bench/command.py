"""CPU time of the command's slowest `--help` against that of importing typer, which parses it."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys

import typer.main

from bench.figures import Figure
from cli.main import app


def measure(runs: int = 5) -> Figure:
    """Ask every subcommand for its help."""
    names = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    return Figure(
        name="CPU of the slowest --help / of importing typer, s",
        ours=max(_median([sys.executable, "-m", "cli.main", name, "--help"], runs) for name in names),
        other=_median([sys.executable, "-c", "import typer"], runs),
        limit=2.0,
        limits_ratio=True,
    )


def _median(command: list[str], runs: int) -> float:
    return statistics.median(_cpu_seconds(command) for _ in range(runs))


def _cpu_seconds(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - our own argument list
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
