"""One emulator for the tests that do not mind sharing it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from laptop.testing.aws import Emulator, running_emulator


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    state_dir = tmp_path_factory.mktemp("emulator") / "aws"
    with running_emulator(state_dir, SNOWFLAKE_HOST="from-the-emulator", SNOWFLAKE_PORT="8084") as running:
        yield running


@pytest.fixture
def bucket(emulator: Emulator) -> str:
    return emulator.create_bucket()
