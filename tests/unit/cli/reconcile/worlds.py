"""A lake and a table in memory, and a Snowpipe that loads what it is announced."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import contract
from cli.reconcile.examination import Examiner, Known
from cli.reconcile.finding import Finding
from cli.reconcile.lake import Lake
from cli.reconcile.repairing import Repair
from cli.reconcile.table import LoadsByFile, RowsByFile, RowsOfFiles, Table
from config.files import load_config
from snowflake_setup.session.session import Row
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.pipe import RefreshPipe
from tests.unit.cli.rejects.lakes import NOW, Bucket

CLICKS = load_config("dev").event_stream("clicks")
CONTRACT = contract.load(CLICKS.contract)
HOUR = NOW.replace(minute=0)
FOLDER = "events/dt=2026-11-22/hh=10/"
TABLE, PIPE = ObjectName.of("D", "S", "CLICK_EVENTS"), ObjectName.of("D", "S", "CLICK_EVENTS_PIPE")
LONG_AGO = NOW - timedelta(hours=1)


def line(event_id: str) -> str:
    return json.dumps({"event_id": event_id, "event_type": "click"})


@dataclass
class World:
    """Snowflake as a session sees it, and a bucket.

    Attributes:
        bucket: the lake.
        rows: file, row number and event id of each row.
        history: rows of COPY_HISTORY, by file.
        refused: lines that Snowflake refuses although they are JSON, by key.
        refreshed: prefixes of REFRESH.
    """

    bucket: Bucket = field(default_factory=Bucket)
    rows: list[tuple[str, int, str | None]] = field(default_factory=list)
    history: dict[str, Row] = field(default_factory=dict)
    refused: dict[str, set[int]] = field(default_factory=dict)
    refreshed: list[str] = field(default_factory=list)
    loaded_at: datetime = LONG_AGO

    def land(self, name: str, *lines: str, load: bool = True, written: datetime = LONG_AGO) -> str:
        key = self.bucket.put(f"{FOLDER}{name}", gzip.compress("\n".join(lines).encode()), written)
        if load:
            self.load(key)
        return key

    def load(self, key: str, *, on_error: str = "CONTINUE") -> None:
        """Load a file as a pipe does: once, and nothing after a line that is not JSON."""
        if key in self.history:
            return
        lines = [text for text in gzip.decompress(self.bucket.bodies[key]).decode().split("\n") if text]
        good, parsed = list[tuple[int, str]](), 0
        for number, text in enumerate(lines, start=1):
            parsed = number
            try:
                value = json.loads(text)
            except ValueError:
                break
            if number not in self.refused.get(key, ()):
                good.append((number, value["event_id"]))
        if on_error == "SKIP_FILE" and len(good) < len(lines):
            good = []
        self.rows += [(key, number, event_id) for number, event_id in good]
        failed = on_error == "SKIP_FILE" and len(good) < len(lines)
        self.history[key] = {
            "file_name": key.removeprefix("events/"),
            "stage_location": "s3://lake/events/",
            "status": "Load failed"
            if failed
            else "Loaded"
            if len(good) == len(lines)
            else "Partially loaded",
            "row_count": len(good),
            "row_parsed": parsed,
            "error_count": parsed - len(good),
        }

    def replace_pipe(self) -> None:
        self.history.clear()

    def execute(self, statement: Statement, keep: Callable[[Row], bool] | None = None) -> list[Row]:
        match statement:
            case RowsByFile(day=day):
                of_day = [row for row in self.rows if f"dt={day:%Y-%m-%d}/" in row[0]]
                return [self._counted(file) for file in sorted({row[0] for row in of_day})]
            case RowsOfFiles(files=files):
                return [
                    {"file": file, "row_number": number, "event_id": event_id}
                    for file, number, event_id in self.rows
                    if file in files
                ]
            case LoadsByFile():
                return list(self.history.values())
            case RefreshPipe(prefix=prefix, modified_after=after):
                self.refreshed.append(str(prefix))
                for key, written in list(self.bucket.written.items()):
                    if key.startswith(f"events/{prefix}") and (after is None or written >= after):
                        self.load(key)
                return []
        raise AssertionError(statement)

    def _counted(self, file: str) -> Row:
        numbers = [number for name, number, _ in self.rows if name == file]
        return {
            "file": file,
            "all_rows": len(numbers),
            "distinct_rows": len(set(numbers)),
            "loaded_at": self.loaded_at,
        }

    def examine(
        self,
        *,
        count_lines: bool = False,
        now: datetime = NOW,
        until: datetime | None = None,
        rows_kept: timedelta | None = None,
    ) -> Finding:
        lake, table = Lake(self.bucket, "lake"), Table(self, TABLE)
        examiner = Examiner(
            CLICKS,
            CONTRACT,
            lake,
            table,
            grace=timedelta(minutes=10),
            kept=timedelta(days=400),
            rows_kept=rows_kept,
            count_lines=count_lines,
        )
        known = Known(
            rows=table.rows_by_file(HOUR.replace(hour=0)),
            outcomes=table.outcomes(HOUR),
            refused=lambda: self.refused,
            until=max(self.bucket.written.values(), default=now) if until is None else until,
        )
        return examiner.examine(HOUR, lake.files("events/", HOUR), known, now)

    def repair(
        self,
        *,
        now: datetime = NOW,
        count_lines: bool = False,
        notify: bool = True,
        rows_kept: timedelta | None = None,
    ) -> Sequence[str]:
        """Repair once; S3 announces what is written."""
        finding = self.examine(now=now, count_lines=count_lines, rows_kept=rows_kept)
        keys = Repair(CLICKS, Lake(self.bucket, "lake"), self, PIPE).of(finding, now)
        for key in keys if notify else ():
            self.load(key)
        return keys

    def ids(self) -> list[Any]:
        return sorted(event_id for _, _, event_id in self.rows)
