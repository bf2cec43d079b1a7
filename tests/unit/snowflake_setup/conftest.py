"""Fixtures for the tests of snowflake_setup."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
import snowflake.connector

from snowflake_setup.session.connection import SnowflakeSession
from snowflake_setup.session.logs import Log
from tests.unit.snowflake_setup.fake_server import FakeServer
from tests.unit.snowflake_setup.fake_session import FakeClock, FakeSecrets
from tests.unit.snowflake_setup.fakes import Bench, bench
from tests.unit.snowflake_setup.sessions import KEY_PAIR


@pytest.fixture(name="bench")
def _bench() -> Bench:
    return bench()


@pytest.fixture(name="server")
def _server(monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    server = FakeServer()
    monkeypatch.setattr(snowflake.connector, "connect", server.connect)
    return server


@pytest.fixture(name="clock")
def _clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(name="output")
def _output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture(name="session")
def _session(server: FakeServer, clock: FakeClock, output: io.StringIO) -> Iterator[SnowflakeSession]:
    secrets = FakeSecrets({"arn:login": {"private_key": "-----BEGIN-----", "passphrase": "pp"}})
    with SnowflakeSession(KEY_PAIR, secrets=secrets, clock=clock, log=Log(stream=output)) as session:
        yield session
