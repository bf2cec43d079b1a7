"""The file of the last results, from which docs/performance.md is generated."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from bench.figure import Figure
from bench.run import ROOT

FILE = ROOT / "bench" / "results.json"
_PACKAGES = (
    "aws-cdk-lib",
    "snowflake-connector-python",
    "jsonschema-rs",
    "orjson",
    "boto3",
    "ministack",
    "duckdb",
)


@dataclass(frozen=True, kw_only=True)
class Result:
    """The figures of one entry, and when and on what kind of machine they were measured."""

    day: str
    machine: str
    seconds: float
    figures: Sequence[Figure]


def result(figures: Sequence[Figure], seconds: float) -> Result:
    """The result of an entry that has just been measured here."""
    return Result(day=f"{datetime.now(UTC):%Y-%m-%d}", machine=_machine(), seconds=seconds, figures=figures)


def load(file: Path = FILE) -> dict[str, Result]:
    """The last result of each entry by its name; none if nothing was measured yet."""
    if not file.exists():
        return {}
    entries = json.loads(file.read_text())["entries"]
    return {name: _parsed(entry) for name, entry in entries.items()}


def save(found: Mapping[str, Result], file: Path = FILE) -> None:
    """Replace the results of these entries; those of others stay."""
    entries = {name: asdict(one) for name, one in {**load(file), **found}.items()}
    versions = {name: version(name) for name in _PACKAGES}
    text = json.dumps({"versions": versions, "entries": entries}, indent=1, ensure_ascii=False, default=tuple)
    file.write_text(text + "\n")


def _machine() -> str:
    """The kind of this machine; neither its name nor a path."""
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{os.cpu_count()} cores {platform.machine()}, {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}"
    )


def _parsed(entry: dict[str, Any]) -> Result:
    figures = [Figure(**{**one, "values": tuple(one["values"])}) for one in entry.pop("figures")]
    return Result(**entry, figures=figures)
