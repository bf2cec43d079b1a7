"""Fixtures: the contract, a file for rejects, and a clock that tests set; and documents of a text."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import contract
from contract import DocumentFinder, EventContract, Found
from producer import RejectsFile


def documents_of(text: bytes) -> list[Found]:
    """The documents of a text that is at hand as a whole."""
    finder = DocumentFinder()
    return [*finder.feed(text.decode("utf-8", "surrogateescape")), *finder.close()]


class Clock:
    """A clock that advances only in `sleep`."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock in place of the machine's."""
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock.monotonic)
    monkeypatch.setattr(time, "sleep", clock.sleep)
    return clock


@pytest.fixture(scope="session", name="click_event")
def _click_event() -> EventContract:
    return contract.load()


@pytest.fixture(name="rejects")
def _rejects(tmp_path: Path) -> Iterator[RejectsFile]:
    with RejectsFile(tmp_path / "rejects.ndjson") as rejects:
        yield rejects
