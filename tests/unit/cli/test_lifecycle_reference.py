"""docs/reference/lifecycle.md lists exactly the properties that the Lambda knows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from snowflake_setup import lifecycle
from snowflake_setup.session.errors import PropertyError
from tests.unit.snowflake_setup import events
from tests.unit.snowflake_setup.fakes import bench

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "lifecycle.md").read_text(encoding="utf-8")
KNOWN: dict[str, dict[str, Any]] = {
    "FileFormat": events.FILE_FORMAT,
    "Stage": events.STAGE,
    "StorageIntegration": events.INTEGRATION,
    "Table": events.TABLE,
    "Pipe": events.PIPE,
    "PipeRefresh": {"Pipe": events.name("PIPE")},
    "View": events.VIEW,
    "DynamicTable": events.DYNAMIC_TABLE,
}


def sections() -> dict[str, str]:
    return dict(re.findall(r"^## Custom::Snowflake(\w+)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))


def listed(section: str) -> set[str]:
    first_cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    return {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)}


def known(kind: str) -> set[str]:
    """The properties that the Lambda's error lists for a misspelt one."""
    with pytest.raises(PropertyError) as caught:
        events.send(bench(), "Create", kind, {**KNOWN[kind], "Misspelt": "x"})
    return set(str(caught.value).split("known: ")[1].split(", "))


def test_every_kind_of_object_has_its_section() -> None:
    there = {name.removeprefix("Custom::Snowflake") for name in lifecycle.RESOURCES}
    assert set(sections()) == set(KNOWN) == there


@pytest.mark.parametrize("kind", KNOWN)
def test_the_table_lists_the_lambdas_properties(kind: str) -> None:
    assert listed(sections()[kind]) == known(kind)
