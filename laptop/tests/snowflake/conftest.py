"""A stand-in on a free port, with a lake and a queue in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from laptop.testing.snowflake import LANDING, PIPE, Account, KeyPair, Rows, runner


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    """Keep the connector from querying cloud metadata addresses."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SNOWFLAKE_DISABLE_PLATFORM_DETECTION", "true")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
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


@pytest.fixture
def run(account: Account) -> Callable[..., Rows]:
    """Run statements as ADMIN in role SYSADMIN; return the rows of the last one."""
    connection = account.connect(role="SYSADMIN")
    return runner(connection)


@pytest.fixture
def landing(run: Callable[..., Rows]) -> Callable[..., Rows]:
    """The landing objects, without a pipe."""
    run(*LANDING)
    return run


@pytest.fixture
def piped(landing: Callable[..., Rows]) -> Callable[..., Rows]:
    """The landing objects with an auto-ingest pipe that keeps valid rows of bad files."""
    landing(PIPE)
    return landing
