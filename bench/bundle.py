"""Lambda bundles for AWS: their sizes, and the cold import of their handlers against that of the connector."""

from __future__ import annotations

import zipfile
from functools import partial
from pathlib import Path

from bench.figure import Figure, in_turn, medians, ratios
from bench.processes import PYTHON, seconds
from bench.run import Run
from clickstream.bundling.bundle import build_bundle
from clickstream.bundling.code import FUNCTIONS, GATE
from clickstream.bundling.target import BundleTarget

_HANDLERS = ("snowflake_setup.handler", "pipeline_monitor.handler", "pipeline_monitor.canary")
_CONNECTOR = "snowflake.connector"
_AWS = BundleTarget.aws("arm64")
_MEGA = 1e6


def measure(run: Run) -> list[Figure]:
    """Build the bundles for AWS; import the handlers of one that is built for this machine."""
    return [
        Figure(
            name=f"zip of the {name}",
            against="Lambda's 50 MB for direct uploads",
            values=[_zipped(packages, run.scratch / f"{name}.zip")],
            unit="MB",
            at_most=mark,
        )
        for name, packages, mark in (("landing and monitor functions", FUNCTIONS, 17.0), ("gate", GATE, 6.0))
    ] + [_cold_import(run)]


def _zipped(packages: tuple[Path, ...], archive: Path) -> float:
    build_bundle(packages, _AWS, archive)
    return archive.stat().st_size / _MEGA


def _cold_import(run: Run) -> Figure:
    archive, folder = run.scratch / "here.zip", run.scratch / "here"
    build_bundle(FUNCTIONS, BundleTarget.this_machine(), archive)
    zipfile.ZipFile(archive).extractall(folder)
    modules = (*_HANDLERS, _CONNECTOR)
    found = in_turn({module: partial(_import, module, folder) for module in modules}, run.rounds)
    slowest = max(_HANDLERS, key=lambda module: sum(found[module]))
    return Figure(
        name="cold import of the slowest handler",
        against="the connector alone",
        values=ratios(found[slowest], found[_CONNECTOR]),
        at_most=1.1,
        parts=medians({module: found[module] for module in (slowest, _CONNECTOR)}, "s"),
    )


def _import(module: str, folder: Path) -> float:
    program = f"import sys; sys.path.insert(0, {str(folder)!r}); import {module}"
    return seconds([PYTHON, "-I", "-S", "-c", program])
