"""The page's session in the Snowflake stand-in."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import snowflake.connector
from snowflake.connector import SnowflakeConnection

from laptop.cloud.environment import connection_settings
from laptop.cloud.health import is_healthy
from laptop.cloud.ports import LOOPBACK


class StandInError(Exception):
    """The stand-in does not answer, or returns an error; the message says which."""


@dataclass(frozen=True)
class Found:
    """The result of a statement."""

    columns: list[str]
    rows: list[tuple[Any, ...]]


class StandIn:
    """One session of the administrator, opened on first use and reopened after a failure.

    Args:
        port: the stand-in's port.
        private_key: PEM file of the user ADMIN.
    """

    def __init__(self, *, port: int, private_key: Path) -> None:
        self._port = port
        self._private_key = private_key
        self._lock = threading.Lock()
        self._session: SnowflakeConnection | None = None

    def run(self, sql: str) -> Found:
        """Run one statement.

        Raises:
            StandInError: it failed.
        """
        with self._lock:
            # The connector would retry for long; the page reports at once that there is no answer.
            if not is_healthy(f"http://{LOOPBACK}:{self._port}/health"):
                raise StandInError(f"nothing answers on port {self._port}")
            if self._session is not None:
                try:
                    return _run(self._session, sql)
                except snowflake.connector.Error:
                    # A restarted stand-in has lost the session.
                    self._close()
            try:
                self._session = self._login()
                return _run(self._session, sql)
            except snowflake.connector.Error as error:
                raise StandInError(str(error.msg or error)) from error

    def close(self) -> None:
        """Log out."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        session, self._session = self._session, None
        with contextlib.suppress(snowflake.connector.Error):
            if session is not None:
                session.close()

    def _login(self) -> SnowflakeConnection:
        private_key = self._private_key.read_text()
        return snowflake.connector.connect(
            **connection_settings(port=self._port, private_key=private_key),
            login_timeout=5,
            query_timeout=10,
            request_timeout=10,
        )


def _run(session: SnowflakeConnection, sql: str) -> Found:
    with session.cursor() as cursor:
        cursor.execute(sql)
        rows = [tuple(row) for row in cursor.fetchall()]
        return Found([column.name for column in cursor.description or []], rows)
