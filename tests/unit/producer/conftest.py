"""The contract, a file for rejects, a clock that tests set, a scripted service, and documents of a text."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

import contract
from contract import DocumentFinder, EventContract, Found
from producer import RejectsFile
from producer.service import Refusal

Answer = Callable[[Sequence[bytes]], list[Refusal | None]]
BUSY = Refusal("ServiceUnavailableException", "slow down")


def documents_of(text: bytes) -> list[Found]:
    """The documents of a text that is at hand as a whole."""
    finder = DocumentFinder()
    return [*finder.feed(text.decode("utf-8", "surrogateescape")), *finder.close()]


class ScriptedService:
    """Answers calls with `script`, one entry per call, then accepts everything."""

    def __init__(self, script: Sequence[Answer] = ()) -> None:
        self._script = list(script)
        self.calls: list[list[bytes]] = []
        self.taken: list[bytes] = []

    def put(self, records: Sequence[bytes]) -> list[Refusal | None]:
        self.calls.append(list(records))
        answers: list[Refusal | None] = [None] * len(records)
        if self._script:
            answers = self._script.pop(0)(records)
        self.taken += [data for data, refusal in zip(records, answers, strict=True) if refusal is None]
        return answers

    @property
    def events(self) -> list[bytes]:
        """Every accepted event, split as the delivery stream's reader does."""
        return [event for record in self.taken for event in record.split(b"\n")]


def refuse_all(records: Sequence[bytes]) -> list[Refusal | None]:
    """An answer that accepts nothing."""
    return [BUSY] * len(records)


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
