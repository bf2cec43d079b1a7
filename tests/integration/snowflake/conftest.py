"""A stand-in on a free port, with a lake and a queue in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from laptop.testing.snowflake import Account, KeyPair


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    """Keep the connector from querying cloud metadata addresses."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SNOWFLAKE_DISABLE_PLATFORM_DETECTION", "true")
        yield


@pytest.fixture(scope="session")
def admin_key() -> KeyPair:
    return KeyPair()


@pytest.fixture(scope="session")
def other_key() -> KeyPair:
    return KeyPair()


@pytest.fixture
def account(tmp_path: Path, admin_key: KeyPair) -> Iterator[Account]:
    running = Account(tmp_path / "state", admin_key)
    yield running
    running.close_connections()
    running.server.stop()
