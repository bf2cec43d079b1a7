"""Fixtures of the tests of the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.plan.templates import Resources, collect, read_assembly
from tests.unit.cli.assemblies import (
    FakeCloudFormation,
    Template,
    write_assembly,
)
from tests.unit.cli.planning import Deployed


@pytest.fixture
def resources(tmp_path: Path) -> Deployed:
    """Both sides of a deployment of `new` over `old`."""

    def both(old: Template | None, new: Template) -> Resources:
        stacks = read_assembly(write_assembly(tmp_path / "cdk.out", new), "local")
        return collect(stacks, FakeCloudFormation(old))  # type: ignore[arg-type]

    return both
