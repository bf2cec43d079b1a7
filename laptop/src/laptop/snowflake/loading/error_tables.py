"""Error tables: the rows that loads refused, kept per base table.

What is documented is in the code, with its page; what is not: the names of the fields with file and row, whether a file
that cannot be read is recorded, and when the location is "determined". Here it is not recorded, and a record that
cannot be parsed has a file only.

https://docs.snowflake.com/en/user-guide/data-load-error-tables
https://docs.snowflake.com/en/user-guide/data-engineering/error-tables
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

from laptop.snowflake.loading.model import FileReport, LoadError, LoadJob
from laptop.snowflake.loading.records import PARSE_ERROR
from laptop.snowflake.objects import Table, now
from laptop.snowflake.store import Store

# https://docs.snowflake.com/en/user-guide/data-load-error-tables-pipes
PIPE_DELAY = dt.timedelta(minutes=15)


class ErrorTables:
    """Records refused rows.

    Attributes:
        delay: time until a pipe that exists when error logging is turned on uses the error table.
    """

    def __init__(self, store: Store, delay: dt.timedelta) -> None:
        self._store = store
        self.delay = delay

    def record(self, job: LoadJob, report: FileReport, body: bytes) -> None:
        """Record a finished file's errors, in the transaction that adds its rows: CONTINUE all, SKIP_FILE the first.

        A pipe with SKIP_FILE_<n> or SKIP_FILE_<n>% records none.
        """
        on_error = job.copy.on_error
        counted = on_error.mode == "SKIP_FILE" and (on_error.limit > 1 or on_error.percent)
        if not report.errors or counted or not self._is_used(job):
            return
        errors = report.errors if on_error.mode == "CONTINUE" else report.errors[:1]
        lines = [] if job.format.multi_line else body.split(b"\n")
        columns = [
            [error.code for error in errors],
            [_metadata(job, report, error) for error in errors],
            [_data(lines, error) for error in errors],
        ]
        self._store.execute(
            "INSERT INTO account.error_rows SELECT ?, ?, ?, unnest(?), unnest(?), unnest(?)",
            # It may be earlier than the recording of Snowpipe's errors.
            [job.table.id, report.file.received_on or now(), job.query_id or None, *columns],
        )

    def forget(self, table: Table) -> None:
        """Drop the error table: its base table is dropped, or error logging turned off."""
        self._store.execute("DELETE FROM account.error_rows WHERE table_id = ?", [table.id])

    def _is_used(self, job: LoadJob) -> bool:
        since = job.table.error_logging_since
        if since is None:
            return False
        return job.pipe is None or job.pipe.created_on >= since or now() >= since + self.delay


def _metadata(job: LoadJob, report: FileReport, error: LoadError) -> str:
    details: dict[str, object] = {"file_name": report.file.key}
    if error.code != PARSE_ERROR:
        details |= {"row_number": error.row}
    if job.pipe:
        details |= {"pipe_name": str(job.pipe.name)}
    return json.dumps(
        {
            "error_code": error.code,
            "error_message": error.message,
            "error_source": None,
            "sql_state": "22000",
            "service": "snowpipe" if job.pipe else "copy",
            "details": details,
        }
    )


def _data(lines: Sequence[bytes], error: LoadError) -> str | None:
    """The source data; NULL if it "can't be represented in an OBJECT value"."""
    if error.code == PARSE_ERROR or not 0 < error.line <= len(lines):
        return None
    return json.dumps({"$1": lines[error.line - 1].decode()})
