"""A laptop cloud for one test; each folder here shares another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.laptop import Laptop


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Laptop]:
    """A laptop cloud that is not running yet, used as by a user in everything."""
    laptop = Laptop(tmp_path / "state", validates=True)
    try:
        yield laptop
    finally:
        laptop.shut()
