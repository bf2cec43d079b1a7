"""Fixtures for the tests of snowflake_setup."""

from __future__ import annotations

import pytest

from tests.unit.snowflake_setup.fakes import Bench, bench


@pytest.fixture(name="bench")
def _bench() -> Bench:
    return bench()
