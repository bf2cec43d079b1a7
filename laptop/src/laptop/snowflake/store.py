"""The DuckDB file with objects, grants, rows and load history, so that they commit together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from laptop.snowflake.queries.offsets import MACROS

_UTC = "SET TimeZone = 'UTC'"
Row = tuple[Any, ...]

_SCHEMA = """
CREATE SCHEMA IF NOT EXISTS account;
CREATE SCHEMA IF NOT EXISTS data;
CREATE TABLE IF NOT EXISTS account.objects (id VARCHAR, kind VARCHAR, body VARCHAR);
CREATE TABLE IF NOT EXISTS account.grants (
    privilege VARCHAR, object_id VARCHAR, role VARCHAR, granted_by VARCHAR, created_on TIMESTAMPTZ,
    grant_option BOOLEAN);
CREATE TABLE IF NOT EXISTS account.future_grants (
    privilege VARCHAR, kind VARCHAR, container_id VARCHAR, role VARCHAR, granted_by VARCHAR);
CREATE TABLE IF NOT EXISTS account.memberships (
    role VARCHAR, member_kind VARCHAR, member VARCHAR, granted_by VARCHAR, created_on TIMESTAMPTZ);
CREATE TABLE IF NOT EXISTS account.load_history (
    load_id VARCHAR, table_id VARCHAR, pipe_id VARCHAR, path VARCHAR, etag VARCHAR,
    file_name VARCHAR, stage_location VARCHAR, last_load_time TIMESTAMPTZ, row_count BIGINT,
    row_parsed BIGINT, file_size BIGINT, first_error_message VARCHAR, first_error_line_number BIGINT,
    first_error_character_pos BIGINT, first_error_column_name VARCHAR, error_count BIGINT,
    error_limit BIGINT, status VARCHAR, pipe_received_time TIMESTAMPTZ);
CREATE TABLE IF NOT EXISTS account.load_errors (
    load_id VARCHAR, error VARCHAR, line BIGINT, "character" BIGINT, code BIGINT, column_name VARCHAR,
    row_number BIGINT);
CREATE TABLE IF NOT EXISTS account.error_rows (
    table_id VARCHAR, "timestamp" TIMESTAMPTZ, query_id VARCHAR, error_code BIGINT, error_metadata JSON,
    error_data JSON);
CREATE TABLE IF NOT EXISTS account.pending_files (
    pipe_id VARCHAR, path VARCHAR, received_on TIMESTAMPTZ, modified_on TIMESTAMPTZ);
"""


class Store:
    """One connection with one lock: statements and loads run one at a time, which is enough on a laptop."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        # The file holds stage credentials: only its owner may read it, even if the directory already existed.
        directory.chmod(0o700)
        self.scratch = directory / "scratch"
        self.scratch.mkdir(exist_ok=True)
        for left_over in self.scratch.iterdir():
            left_over.unlink()
        self.lock = threading.RLock()
        self._rolled_back: list[Callable[[], None]] = []
        self._depth = 0
        self._connection = duckdb.connect(str(directory / "state.duckdb"))
        self._connection.execute(f"{_UTC}; SET threads = 2; SET autoinstall_known_extensions = false")
        self._connection.execute(_SCHEMA)
        self._connection.execute(MACROS)

    def on_rollback(self, restore: Callable[[], None]) -> None:
        """Call `restore` after every rollback, so that objects in memory are reloaded."""
        self._rolled_back.append(restore)

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Run a statement for its effect."""
        with self.lock:
            self._connection.execute(sql, list(parameters))

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run a query and return all rows."""
        with self.lock:
            return self._connection.execute(sql, list(parameters)).fetchall()

    def described_rows(self, sql: str, timezone: str) -> tuple[list[tuple[str, str]], list[Row]]:
        """Run a query in a session's time zone; return the columns' names and DuckDB types, and all rows."""
        with self.lock:
            self._connection.execute("SET TimeZone = ?", [timezone])
            try:
                cursor = self._connection.execute(sql)
                columns = [(item[0], str(item[1])) for item in cursor.description or []]
                return columns, cursor.fetchall()
            finally:
                # A failed statement has aborted its transaction, which takes no other until it is rolled back.
                with suppress(duckdb.TransactionException):
                    self._connection.execute(_UTC)

    def insert_many(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows to one of the account's own tables."""
        if rows:
            marks = ", ".join("?" for _ in rows[0])
            with self.lock:
                self._connection.executemany(f"INSERT INTO account.{table} VALUES ({marks})", rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block as one transaction; nested blocks join the outermost."""
        with self.lock:
            if self._depth:
                yield
                return
            self._connection.execute("BEGIN TRANSACTION")
            self._depth = 1
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._abandon()
                raise
            finally:
                self._depth = 0

    def _abandon(self) -> None:
        # A failed commit has already rolled back.
        with suppress(duckdb.TransactionException):
            self._connection.execute("ROLLBACK")
        self._connection.execute(_UTC)
        self._depth = 0
        for restore in self._rolled_back:
            restore()

    def close(self) -> None:
        """Write everything to disk and close the file."""
        with self.lock:
            self._connection.close()
