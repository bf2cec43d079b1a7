"""A laptop for a test that wants one of its own; two more are shared, one by each folder here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.laptop import Laptop


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Laptop]:
    """A laptop that nothing runs on yet."""
    laptop = Laptop(tmp_path / "state")
    try:
        yield laptop
    finally:
        laptop.shut()
