"""The load history: a pipe's for 14 days, a table's for 64."""

from __future__ import annotations

import datetime as dt
import secrets

from laptop.snowflake.loading.model import FileReport, LoadJob, SourceFile
from laptop.snowflake.objects import Pipe, Table, now
from laptop.snowflake.store import Store

PIPE_DAYS = 14
TABLE_DAYS = 64
# VALIDATE_PIPE_LOAD lists this many refused records per file; the count is always exact.
KEPT_ERRORS = 1000


class LoadHistory:
    """Records loaded files, so that none is loaded twice."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def seen_by_pipe(self, pipe: Pipe) -> set[str]:
        """The paths that this pipe has handled, loaded or failed: a corrected file needs a new name."""
        rows = self._store.rows(
            "SELECT path FROM account.load_history WHERE pipe_id = ? AND last_load_time > ?",
            [pipe.id, now() - dt.timedelta(days=PIPE_DAYS)],
        )
        return {row[0] for row in rows}

    def seen_by_copy(self, table: Table) -> set[tuple[str, str]]:
        """The paths and ETags that COPY INTO has loaded into this table."""
        rows = self._store.rows(
            "SELECT path, etag FROM account.load_history WHERE table_id = ? AND pipe_id IS NULL "
            "AND last_load_time > ? AND status NOT IN ('Load failed', 'Load skipped')",
            [table.id, now() - dt.timedelta(days=TABLE_DAYS)],
        )
        return {(path, etag) for path, etag in rows}

    def take_progress(self, job: LoadJob, file: SourceFile) -> int:
        """Remove the entry of a load in progress; return the number of rows that it has loaded, 0 if there is none."""
        which = "account.load_history WHERE pipe_id = ? AND path = ? AND status = 'Load in progress'"
        parameters = [job.pipe.id if job.pipe else None, file.key]
        rows = self._store.rows(f"SELECT row_count FROM {which}", parameters)
        self._store.execute(f"DELETE FROM {which}", parameters)
        return sum(row[0] for row in rows)

    def record(self, job: LoadJob, report: FileReport) -> None:
        """Record the outcome of a file, in the transaction that adds its rows."""
        load_id = secrets.token_hex(8)
        self._store.insert_many("load_history", [self._row(load_id, job, report)])
        kept = report.errors[:KEPT_ERRORS]
        errors = [(load_id, e.message, e.line, e.character, e.code, None, e.row) for e in kept]
        self._store.insert_many("load_errors", errors)

    def forget_table(self, table: Table) -> None:
        """Remove the load history of a dropped table."""
        self._forget("table_id", table.id)

    def forget_pipe(self, pipe: Pipe) -> None:
        """Remove the loads of a dropped pipe, which its table's history showed too.

        https://docs.snowflake.com/en/sql-reference/functions/copy_history#usage-notes
        """
        self._forget("pipe_id", pipe.id)

    def _forget(self, column: str, owner: object) -> None:
        gone = f"account.load_history WHERE {column} = ?"
        self._store.execute(
            f"DELETE FROM account.load_errors WHERE load_id IN (SELECT load_id FROM {gone})",
            [owner],
        )
        self._store.execute(f"DELETE FROM {gone}", [owner])

    @staticmethod
    def _row(load_id: str, job: LoadJob, report: FileReport) -> tuple[object, ...]:
        file, error, time = report.file, report.first_error, now()
        return (
            load_id,
            job.table.id,
            job.pipe.id if job.pipe else None,
            file.key,
            file.etag,
            job.location.relative(file.key),
            job.location.stage_url,
            time,
            report.loaded,
            report.parsed,
            file.size,
            error.message if error else None,
            error.line if error else None,
            error.character if error else None,
            None,
            len(report.errors),
            report.error_limit,
            report.status,
            _received(job, file),
        )


def _received(job: LoadJob, file: SourceFile) -> dt.datetime | None:
    return file.received_on if job.pipe else None
