"""Loads files: rows and history entry of a file commit in one transaction, or in two on request.

Snowpipe may commit a file in parts: https://docs.snowflake.com/en/user-guide/data-load-snowpipe-intro
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

import duckdb

from laptop.snowflake.catalog import Catalog
from laptop.snowflake.loading.error_tables import ErrorTables
from laptop.snowflake.loading.evolution import check_new_columns, recorded
from laptop.snowflake.loading.history import LoadHistory
from laptop.snowflake.loading.model import (
    FileRefusedError,
    FileReport,
    Layout,
    LoadError,
    LoadJob,
    SourceFile,
    Staged,
    Status,
)
from laptop.snowflake.loading.staging import ROW_NUMBER, STAGED, Stager, decompress
from laptop.snowflake.loading.tolerant import new_names
from laptop.snowflake.names import literal, quote
from laptop.snowflake.objects import Column, Table, now
from laptop.snowflake.store import Store
from laptop.snowflake.tables import Tables, physical


class Loader:
    """Loads one file at a time into its table."""

    def __init__(self, store: Store, catalog: Catalog, error_table_delay: dt.timedelta) -> None:
        self._store = store
        self._catalog = catalog
        self._tables = Tables(store)
        self._stager = Stager(store)
        self.history = LoadHistory(store)
        self.error_tables = ErrorTables(store, error_table_delay)

    def load(self, job: LoadJob, file: SourceFile, body: bytes, *, half: bool = False) -> FileReport:
        """Load a fetched file as its COPY says, and record it; a second call loads what a half load has left."""
        with self._store.lock:
            scan_time = now().isoformat()
            try:
                staged = self._stager.stage(job, body)
                report = _judge(job, file, staged)
                with self._store.transaction():
                    before = self.history.take_progress(job, file)
                    if half and report.loaded:
                        count = (report.loaded + 1) // 2
                        report = replace(report, status="Load in progress", parsed=None, loaded=count)
                    if report.loaded:
                        rows = f"ORDER BY {quote(ROW_NUMBER)} LIMIT {report.loaded - before} OFFSET {before}"
                        self._insert(job, file, staged.layout, scan_time, rows)
                    self._settle(job, report)
                    if report.status != "Load in progress":
                        self.error_tables.record(job, report, decompress(body, job.format.compression))
            except FileRefusedError as refused:
                return self.refuse(job, file, refused.error)
            except duckdb.Error as error:
                return self.refuse(job, file, LoadError(str(error).splitlines()[0], 100069))
            return report

    def check_evolution(self, job: LoadJob, bodies: Iterable[bytes]) -> None:
        """Refuse a COPY whose files together would evolve the table too far.

        Raises:
            FileRefusedError: None of the files can be loaded.
        """
        names: set[str] = set()
        for body in bodies if job.may_evolve else ():
            with suppress(FileRefusedError):
                names |= new_names(job, decompress(body, job.format.compression))
        check_new_columns(names)

    def refuse(self, job: LoadJob, file: SourceFile, error: LoadError) -> FileReport:
        """Record a file that could not be loaded."""
        report = FileReport(file, job.table.name, "Load failed", errors=(error,))
        with self._store.transaction():
            self._settle(job, report)
        return report

    def _settle(self, job: LoadJob, report: FileReport) -> None:
        self.history.record(job, report)
        if job.pipe and report.status != "Load in progress":
            self._store.execute(
                "DELETE FROM account.pending_files WHERE pipe_id = ? AND path = ?",
                [job.pipe.id, report.file.key],
            )

    def _insert(self, job: LoadJob, file: SourceFile, layout: Layout, scan_time: str, rows: str) -> None:
        table = self._evolve(job, file, layout)
        # Two keys of a file can match one column; staging has already merged them.
        sources = {column.name: quote(column.name) for _, column in layout.matched}
        for name, metadata in job.copy.include_metadata.items():
            column = table.column(name)
            if column is not None:
                sources[name] = _metadata(metadata, file, scan_time, column)
        columns = ", ".join(quote(name) for name in sources)
        values = ", ".join(sources.values())
        target = physical(table)
        if sources:
            self._store.execute(f"INSERT INTO {target} ({columns}) SELECT {values} FROM {STAGED} {rows}")
        else:
            nothing = ", ".join("NULL" for _ in table.columns)
            self._store.execute(f"INSERT INTO {target} SELECT {nothing} FROM {STAGED} {rows}")

    def _evolve(self, job: LoadJob, file: SourceFile, layout: Layout) -> Table:
        table = job.table
        if not layout.new_columns and not layout.nullable_now:
            return table
        self._tables.add_columns(table, layout.new_columns)
        self._tables.allow_nulls(table, layout.nullable_now)
        kept = (
            recorded(column.model_copy(update={"nullable": True}), job, file, "DROP_NOT_NULL")
            if column in layout.nullable_now
            else column
            for column in table.columns
        )
        added = (recorded(column, job, file, "ADD_COLUMN") for column in layout.new_columns)
        evolved = table.model_copy(update={"columns": (*kept, *added)})
        self._catalog.put(evolved)
        return evolved


def _judge(job: LoadJob, file: SourceFile, staged: Staged) -> FileReport:
    errors = len(staged.errors)
    status: Status = "Loaded" if errors == 0 else "Partially loaded"
    if job.copy.on_error.refuses(errors=errors, parsed=staged.parsed):
        status = "Load skipped"
    elif errors and not staged.rows:
        status = "Load failed"
    return FileReport(
        file,
        job.table.name,
        status,
        parsed=staged.parsed,
        loaded=staged.rows if status in ("Loaded", "Partially loaded") else 0,
        errors=staged.errors,
        error_limit=staged.parsed if job.copy.on_error.mode == "CONTINUE" else job.copy.on_error.limit,
    )


def _metadata(source: str, file: SourceFile, scan_time: str, column: Column) -> str:
    values = {
        "METADATA$FILENAME": literal(file.key),
        "METADATA$FILE_ROW_NUMBER": quote(ROW_NUMBER),
        "METADATA$START_SCAN_TIME": f"{literal(scan_time)}::TIMESTAMPTZ",
        "METADATA$FILE_CONTENT_KEY": literal(file.etag),
        "METADATA$FILE_LAST_MODIFIED": f"{literal(file.modified_on.isoformat())}::TIMESTAMPTZ",
    }
    return f"CAST({values[source]} AS {column.type.physical})"
