"""The comparison of an hour's files with rows, load history, repair objects and rejects.

A file is complete without being read only if its pipe's history says that all of its lines became rows, and these are
in the table. It is read if no history has it, as that of a replaced pipe is gone; if history, rows and repair objects
differ; or if all lines are to be counted. A line is missing if no row has its file and number, no repair object has it,
and Snowflake did not refuse it by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.reconcile.finding import Finding, Gap
from cli.reconcile.lake import Lake, LakeFile, Record
from cli.reconcile.table import FileOutcome, FileRows, Table
from cli.repair.objects import RepairObjects
from clickstream_wire.repairs import fingerprint, repaired
from config.names import EventStream
from contract import EventContract
from snowflake_setup.sql.load_state import LoadState

_NO_ROWS = FileRows("", 0, 0, datetime.min.replace(tzinfo=UTC))


@dataclass(frozen=True, kw_only=True)
class Known:
    """Rows and load history of the files of a period.

    Attributes:
        rows: by the file's path from the folder of its day.
        outcomes: loads by existing pipes, likewise.
        refused: the lines that Snowflake refused by themselves, by the file's key.
        until: files that landed later are left out, but for those of `repaired`.
        repaired: the keys of files that were announced or written meanwhile.
    """

    rows: Mapping[str, FileRows]
    outcomes: Mapping[str, FileOutcome]
    refused: Callable[[], Mapping[str, Collection[int]]]
    until: datetime
    repaired: Collection[str] = ()

    def counts(self, file: LakeFile) -> bool:
        """True if the file is one of those that are compared."""
        return file.written <= self.until or file.key in self.repaired


class Examiner:
    """Examines the hours of one kind of event.

    Args:
        stream: the kind of event.
        contract: its contract.
        lake: the lake.
        table: the table.
        grace: how long a file may take to be loaded.
        kept: the age at which the lake deletes files; None if it never does.
        rows_kept: the age up to which the table keeps rows; None if it always does. Older hours are not compared: what
            has expired would count as missing, and be loaded again.
        count_lines: read every file.
    """

    def __init__(
        self,
        stream: EventStream,
        contract: EventContract,
        lake: Lake,
        table: Table,
        *,
        grace: timedelta,
        kept: timedelta | None,
        rows_kept: timedelta | None = None,
        count_lines: bool,
    ) -> None:
        self._stream = stream
        self._id = contract.id
        self._lake = lake
        self._table = table
        self._repairs = RepairObjects(lake.s3, lake.bucket)
        self._grace = grace
        self._kept = kept
        self._rows_kept = rows_kept
        self._count_lines = count_lines

    def examine(self, hour: datetime, files: Sequence[LakeFile], known: Known, now: datetime) -> Finding:
        """Compare the files of an hour's folder with what Snowflake knows, except for those that landed since."""
        finding = Finding(self._stream.name, hour, [file for file in files if known.counts(file)])
        if self._rows_kept is not None and hour < now - self._rows_kept:
            finding.expired = True
            finding.rows = sum(known.rows.get(file.place, _NO_ROWS).distinct for file in finding.files)
            return finding
        repairs: dict[str, list[str]] = {}
        for file in files:
            if origin := repaired(file.key):
                repairs.setdefault(origin, []).append(file.key)
        to_read = []
        for file in finding.files:
            rows = known.rows.get(file.place, _NO_ROWS)
            finding.rows += rows.distinct
            if rows.rows > rows.distinct:
                finding.doubled[file.key] = rows.rows - rows.distinct
            of_file = repairs.get(fingerprint(file.key), [])
            if self._is_to_be_read(file, rows, known.outcomes.get(file.place), of_file, finding, now):
                to_read.append((file, rows, of_file))
        if self._kept is None or hour > now - self._kept:
            self._note_lost_files(finding, {file.place for file in files}, known)
        ids = self._table.rows_of((rows for _, rows, _ in to_read if rows.rows), hour)
        lines = 0
        for file, _, of_file in to_read:
            lines += self._read(file, ids.get(file.place, {}), of_file, known, finding)
        if self._count_lines or not finding.files:
            finding.lines = lines
        return finding

    def _is_to_be_read(
        self,
        file: LakeFile,
        rows: FileRows,
        outcome: FileOutcome | None,
        repairs: Sequence[str],
        finding: Finding,
        now: datetime,
    ) -> bool:
        """Sort a file in, as far as that is possible without its lines."""
        young = now - self._grace
        if outcome is None:
            if not (rows.rows or repairs):
                (finding.waiting if file.written > young else finding.missing).append(file)
                return False
            if rows.loaded > young:  # in parts, or its load is not in the history yet
                finding.waiting.append(file)
                return False
            return True  # whether a line follows the last row, only the file shows
        if outcome.state is LoadState.IN_PROGRESS:
            finding.waiting.append(file)
            return False
        if outcome.state is LoadState.LOADED and rows.distinct < outcome.rows:
            finding.unexplained[file.key] = (
                f"{outcome.rows:,} rows were loaded, and {rows.distinct:,} are in the table: rows were deleted"
            )
            return False
        differs = outcome.state is LoadState.FAILED or outcome.refused or rows.distinct != outcome.rows
        return self._count_lines or bool(repairs) or bool(differs)

    def _note_lost_files(self, finding: Finding, there: Collection[str], known: Known) -> None:
        """Note rows whose file is not in the lake any more."""
        folder = f"dt={finding.hour:%Y-%m-%d}/hh={finding.hour:%H}/"
        for place, rows in known.rows.items():
            if place.startswith(folder) and place not in there:
                finding.rows += rows.distinct
                finding.unexplained[rows.name] = f"{rows.rows:,} rows of a file that is not in the lake"

    def _read(
        self,
        file: LakeFile,
        ids: Mapping[int, Any],
        repairs: Sequence[str],
        known: Known,
        finding: Finding,
    ) -> int:
        """Compare the lines of a file with its rows; return their number."""
        records = self._lake.records(file)
        if astray := self._astray(records, ids):
            finding.unexplained[file.key] = astray
            return len(records)
        covered = self._repairs.lines_in(repairs)
        if twice := [number for number in ids if number in covered]:
            finding.doubled[file.key] = finding.doubled.get(file.key, 0) + len(twice)
        left = [record for record in records if record.number not in ids and record.number not in covered]
        refused = known.refused().get(file.key, ()) if left else ()
        rejects = [record for record in left if record.flaws]
        events = [record for record in left if not record.flaws and record.number not in refused]
        finding.rejects += len(left) - len(events)
        if events or rejects:
            finding.gaps.append(Gap(file, events, rejects))
        return len(records)

    def _astray(self, records: Sequence[Record], ids: Mapping[int, Any]) -> str | None:
        """The first row that is not the line of its number: then nothing can be said of the others."""
        by_number = {record.number: record for record in records}
        names = {self._id.name, self._id.column.lower()}
        for number, event_id in ids.items():
            record = by_number.get(number)
            if record is None:
                return f"row {number:,} of a file with {len(records):,} lines"
            value = record.value if isinstance(record.value, dict) else {}
            given = next((value[name] for name in names if name in value), None)
            if event_id is not None and given is not None and str(given) != str(event_id):
                return f"row {number:,} has another id than line {number:,}: Snowflake numbers rows otherwise"
        return None
