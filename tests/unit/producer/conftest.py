"""The contract, and a place for rejects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import contract
from contract import EventContract
from producer import RejectsFile


@pytest.fixture(scope="session", name="click_event")
def _click_event() -> EventContract:
    return contract.load()


@pytest.fixture(name="rejects")
def _rejects(tmp_path: Path) -> Iterator[RejectsFile]:
    with RejectsFile(tmp_path / "rejects.ndjson") as rejects:
        yield rejects
