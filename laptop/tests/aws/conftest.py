"""A bucket for each test, and the emulator's quotas."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from limits import UNLIMITED, Limits

from laptop.testing.aws import Emulator


@pytest.fixture
def bucket(emulator: Emulator) -> str:
    return emulator.create_bucket()


@pytest.fixture
def limits(emulator: Emulator) -> Iterator[Limits]:
    """The quotas, which are AWS's again after the test."""
    switch = Limits(emulator)
    yield switch
    switch("DELETE")


@pytest.fixture
def unlimited(limits: Limits) -> None:
    """Streams take everything at once."""
    limits("PUT", UNLIMITED)
