"""The threat model speaks of controls that a test really shows."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security" / "threat-model.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROWS = [line for line in PAGE.splitlines() if re.match(r"\| \d+ \|", line)]


@cache
def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("path", "name"), sorted(set(NAMED.findall(PAGE))))
def test_every_test_it_names_exists(path: str, name: str) -> None:
    assert name.startswith("test_")
    assert name in names_in(path)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_every_threat_has_a_kind_a_control_and_a_test(row: str) -> None:
    _, _, kind, threat, control, shown, _ = (cell.strip() for cell in row.split("|"))
    assert kind in set("STRIDE")
    assert threat
    assert control
    assert NAMED.findall(shown)
    assert re.sub(NAMED, "", shown).strip(", ") == ""


def test_threats_are_numbered_and_every_kind_is_there() -> None:
    assert [int(row.split("|")[1]) for row in ROWS] == list(range(1, len(ROWS) + 1))
    assert {row.split("|")[2].strip() for row in ROWS} == set("STRIDE")


def test_every_file_that_looks_like_a_test_is_named_in_full() -> None:
    assert len(re.findall(r"tests/[\w/]+\.py", PAGE)) == len(NAMED.findall(PAGE))
