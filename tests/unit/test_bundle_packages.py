"""A bundle holds every package of this repository that its code imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from clickstream.bundling.code import FUNCTIONS, GATE, PRODUCER

ROOT = Path(__file__).parents[2]
OURS = {folder.parent.name for folder in ROOT.glob("*/__init__.py")}


@pytest.mark.parametrize("packages", [FUNCTIONS, PRODUCER, GATE], ids=["functions", "producer", "gate"])
def test_a_bundle_has_all_packages_of_this_repository_that_it_imports(packages: Sequence[Path]) -> None:
    there = {package.name for package in packages}
    imported = {name for package in packages for path in package.rglob("*.py") for name in imports(path)}
    assert imported & OURS == there


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]
