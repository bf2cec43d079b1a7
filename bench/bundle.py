"""Sizes of the Lambda bundles for AWS against the same packages installed by pip, and its cold import time here."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from bench.figures import Figure
from clickstream.bundling.bundle import build_bundle
from clickstream.bundling.code import FUNCTIONS, GATE
from clickstream.bundling.installer import install_wheels
from clickstream.bundling.target import BundleTarget

_ROOT = Path(__file__).resolve().parent.parent
_HANDLERS = ("snowflake_setup.handler", "pipeline_monitor.handler", "pipeline_monitor.canary")
_AWS = BundleTarget.aws("arm64")
_MEGA = 1e6


def measure(runs: int = 5) -> list[Figure]:
    """Build both, for AWS and for this machine."""
    with tempfile.TemporaryDirectory() as scratch:
        ours, theirs = _both(FUNCTIONS, Path(scratch, "functions"))
        gate, gates_wheels = _both(GATE, Path(scratch, "gate"))
        return [
            Figure("Lambda bundle, unzipped MB", _unzipped(ours), _unzipped(theirs), 50),
            Figure("Lambda bundle, zipped MB", _zipped(ours), _zipped(theirs), 18),
            Figure("gate bundle, zipped MB", _zipped(gate), _zipped(gates_wheels), 6),
            _cold_import(Path(scratch), runs),
        ]


def _both(packages: tuple[Path, ...], scratch: Path) -> tuple[Path, Path]:
    """The bundle of the packages, and a zip of the first one's wheels as they are installed."""
    ours, folder, theirs = scratch / "ours.zip", scratch / "wheels", scratch / "theirs.zip"
    build_bundle(packages, _AWS, ours)
    install_wheels([_ROOT / packages[0].name / "requirements.txt"], _AWS, folder)
    _zip(folder, theirs)
    return ours, theirs


def _cold_import(scratch: Path, runs: int) -> Figure:
    archive, folder = scratch / "here.zip", scratch / "here"
    build_bundle(FUNCTIONS, BundleTarget.this_machine(), archive)
    zipfile.ZipFile(archive).extractall(folder)
    slowest = max(_median(handler, folder, runs) for handler in _HANDLERS)
    connector = _median("snowflake.connector", folder, runs)
    return Figure("cold import of the slowest handler / of the connector, s", slowest, connector, 0.5)


def _median(module: str, folder: Path, runs: int) -> float:
    return statistics.median(_import(module, folder) for _ in range(runs))


def _import(module: str, folder: Path) -> float:
    program = f"import sys; sys.path.insert(0, {str(folder)!r}); import {module}"
    started = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True)  # noqa: S603 - our own program
    return time.perf_counter() - started


def _zip(folder: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
        for path in folder.rglob("*"):
            bundle.write(path, path.relative_to(folder))


def _zipped(archive: Path) -> float:
    return archive.stat().st_size / _MEGA


def _unzipped(archive: Path) -> float:
    return sum(entry.file_size for entry in zipfile.ZipFile(archive).infolist()) / _MEGA
