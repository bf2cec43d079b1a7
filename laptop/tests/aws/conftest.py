"""A bucket for each test, and the emulator's quotas and faults."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from control import UNLIMITED, Control

from laptop.testing.aws import Emulator


@pytest.fixture
def bucket(emulator: Emulator) -> str:
    return emulator.create_bucket()


@pytest.fixture
def limits(emulator: Emulator) -> Iterator[Control]:
    """The quotas, which are AWS's again after the test."""
    switch = Control(emulator, "limits")
    yield switch
    switch("DELETE")


@pytest.fixture
def unlimited(limits: Control) -> None:
    """Streams take everything at once."""
    limits("PUT", UNLIMITED)


@pytest.fixture
def faults(emulator: Emulator) -> Iterator[Control]:
    """The requested faults, of which none is left after the test."""
    control = Control(emulator, "faults")
    yield control
    control("DELETE")
