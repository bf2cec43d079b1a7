"""The session in Snowflake: opened for the first statement, reopened when it expires, closed at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol, Self

from clickstream_wire.environment import Login
from clickstream_wire.secrets import LoginKey
from snowflake_setup.session.clock import Clock
from snowflake_setup.session.connector_errors import Refusal, login_refusal, statement_refusal
from snowflake_setup.session.errors import SetupError
from snowflake_setup.session.logs import Log
from snowflake_setup.session.secrets import SecretStore
from snowflake_setup.session.session import Row
from snowflake_setup.session.settings import Settings
from snowflake_setup.sql.base import Statement

# A large lake takes minutes to list.
_STATEMENT_SECONDS = 300
_LOGIN_SECONDS = 30
_LEAST_SECONDS = 5
_LONGEST_PAUSE = 8.0


class Connection(Protocol):
    """The part of the connector's connection that is used here."""

    def cursor(self, cursor_class: Any = ...) -> Any:
        """A cursor that yields dictionaries."""

    def close(self) -> None:
        """Log out."""


class SnowflakeSession:
    """Runs statements through the connector; a context manager that logs out."""

    def __init__(
        self,
        settings: Settings,
        *,
        secrets: SecretStore,
        clock: Clock,
        log: Log,
        query_tag: str = "snowflake_setup",
    ) -> None:
        self._settings = settings
        self._query_tag = query_tag
        self._secrets = secrets
        self._clock = clock
        self._log = log
        self._connection: Connection | None = None
        self._timeout = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def execute(self, statement: Statement, keep: Callable[[Row], bool] | None = None) -> list[Row]:
        """Run a statement, with retries where they help; return its rows with lower-case keys."""
        started, pause = time.monotonic(), 1.0
        while True:
            outcome = self._attempt(statement, keep)
            took = time.monotonic() - started
            if not isinstance(outcome, Refusal):
                self._note("statement", statement, took, rows=len(outcome))
                return outcome
            again = took + pause <= outcome.try_again_seconds and pause < self._clock.remaining()
            self._note("statement refused", statement, took, code=outcome.error.code, again=again)
            if not again:
                raise outcome.error
            if outcome.session_gone:
                self._close()
            self._clock.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _attempt(self, statement: Statement, keep: Callable[[Row], bool] | None) -> list[Row] | Refusal:
        connection = self._open()
        return connection if isinstance(connection, Refusal) else run(connection, statement, keep)

    def _open(self) -> Connection | Refusal:
        """The session; a new one if a statement could outlast the function."""
        remaining = int(self._clock.remaining())
        if self._connection is not None and self._timeout > max(_LEAST_SECONDS, remaining):
            self._close()
        if self._connection is None:
            self._timeout = max(_LEAST_SECONDS, min(_STATEMENT_SECONDS, remaining // 2))
            opened = connect(
                self._settings, self._secrets, statement_seconds=self._timeout, query_tag=self._query_tag
            )
            if isinstance(opened, Refusal):
                return opened
            self._connection = opened
        return self._connection

    def _close(self) -> None:
        from snowflake.connector.errors import Error

        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except Error as error:
                self._log.warning("logout failed", code=error.errno)

    def _note(self, message: str, statement: Statement, took: float, **fields: object) -> None:
        self._log.info(
            message,
            statement=statement.kind,
            object=str(statement.name),
            duration_ms=round(took * 1000),
            **fields,
        )


def connect(
    settings: Settings, secrets: SecretStore, *, statement_seconds: int, query_tag: str
) -> Connection | Refusal:
    """Log in; Snowflake's query history shows the tag with each statement."""
    # Imported late: it takes longer than all other imports, and reporting a wrong property does not need it.
    import snowflake.connector
    from snowflake.connector.errors import Error

    login = _login(settings, secrets)
    optional = {
        "host": settings.host,
        "port": settings.port,
        "protocol": settings.protocol,
        "warehouse": settings.warehouse,
    }
    try:
        return snowflake.connector.connect(
            account=settings.account,
            user=settings.user,
            role=settings.role,
            login_timeout=max(_LEAST_SECONDS, min(_LOGIN_SECONDS, statement_seconds)),
            query_timeout=statement_seconds,
            request_timeout=10,
            logout_total_timeout_seconds=_LEAST_SECONDS,
            session_parameters={
                "QUERY_TAG": query_tag,
                "TIMEZONE": "UTC",
                # Names are quoted as they are stored, whatever the account's default is.
                "QUOTED_IDENTIFIERS_IGNORE_CASE": False,
                # The client only stops waiting; these end it, so that it cannot run on during the next one.
                # https://docs.snowflake.com/en/sql-reference/parameters
                "STATEMENT_TIMEOUT_IN_SECONDS": statement_seconds,
                "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS": statement_seconds,
            },
            # A function has no place to store a token, and must not leave queries running after it ends.
            client_store_temporary_credential=False,
            server_session_keep_alive=False,
            enable_server_session_keep_alive_auto_detection=False,
            **login,
            **{name: value for name, value in optional.items() if value is not None},
        )
    except Error as error:
        return login_refusal(error, settings.user, settings.account)


def _login(settings: Settings, secrets: SecretStore) -> dict[str, str]:
    if settings.login == "workload_identity":
        return {"authenticator": "WORKLOAD_IDENTITY", "workload_identity_provider": "AWS"}
    if settings.login_secret_arn is None:
        raise SetupError(f"a key-pair login needs {Login.SECRET_ARN}")
    secret = secrets.read(
        settings.login_secret_arn, required=[LoginKey.PRIVATE_KEY], optional=[LoginKey.PASSPHRASE]
    )
    login = {"authenticator": "SNOWFLAKE_JWT", "private_key": secret[LoginKey.PRIVATE_KEY].reveal()}
    if LoginKey.PASSPHRASE in secret:
        login["private_key_password"] = secret[LoginKey.PASSPHRASE].reveal()
    return login


def run(
    connection: Connection, statement: Statement, keep: Callable[[Row], bool] | None = None
) -> list[Row] | Refusal:
    """Try once. The refusal is returned, so that no exception chain contains the connector's (and the SQL)."""
    from snowflake.connector import DictCursor
    from snowflake.connector.errors import Error

    try:
        with connection.cursor(DictCursor) as cursor:
            cursor.execute(statement.sql())
            rows = ({str(key).lower(): value for key, value in row.items()} for row in cursor)
            return [row for row in rows if keep is None or keep(row)]
    except Error as error:
        return statement_refusal(error, statement)
