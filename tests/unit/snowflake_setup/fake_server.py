"""A scripted Snowflake behind the connector, which refuses, expires or hangs on request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from snowflake.connector.errors import Error


class FakeCursor:
    def __init__(self, connection: FakeConnection) -> None:
        self.connection = connection
        self.rows: list[dict[str, Any]] = []

    def __enter__(self) -> FakeCursor:
        return self

    def __exit__(self, *_: object) -> None: ...

    def execute(self, sql: str) -> None:
        self.connection.server.sql.append(sql)
        answer = (
            self.connection.server.answers.pop(0) if self.connection.server.answers else [{"STATUS": "ok"}]
        )
        if isinstance(answer, Exception):
            raise answer
        self.rows = answer

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)


class FakeConnection:
    def __init__(self, server: FakeServer) -> None:
        self.server = server

    def cursor(self, cursor_class: object) -> FakeCursor:
        return FakeCursor(self)

    def close(self) -> None:
        self.server.closed += 1


class FakeServer:
    """Replaces `snowflake.connector.connect`."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.logins: list[dict[str, Any]] = []
        self.refusals: list[Error] = []
        self.sql: list[str] = []
        self.closed = 0

    def connect(self, **arguments: Any) -> FakeConnection:
        self.logins.append(arguments)
        if self.refusals:
            raise self.refusals.pop(0)
        return FakeConnection(self)
