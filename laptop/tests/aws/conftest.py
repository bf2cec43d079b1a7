"""A bucket for each test."""

from __future__ import annotations

import pytest

from laptop.testing.aws import Emulator


@pytest.fixture
def bucket(emulator: Emulator) -> str:
    return emulator.create_bucket()
