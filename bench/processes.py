"""Processes that are measured from outside."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

from bench.run import ROOT

PYTHON = sys.executable


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a command in the project's folder; return its output.

    Raises:
        RuntimeError: it failed.
    """
    done = subprocess.run(  # noqa: S603 - our own argument list
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        )
    return done.stdout


def seconds(command: Sequence[str], environment: Mapping[str, str] | None = None) -> float:
    """Seconds until a command has ended."""
    started = time.perf_counter()
    run(command, environment)
    return time.perf_counter() - started


def cpu_seconds(command: Sequence[str]) -> float:
    """Seconds of CPU that a command takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
