"""The examination of a period, hour by hour, and its repair until nothing changes any more."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from threading import Event as Flag

import contract
from cli.deployment import Deployment
from cli.reconcile.examination import Examiner, Known
from cli.reconcile.finding import Finding
from cli.reconcile.lake import HOUR, Lake
from cli.reconcile.repairing import Repair
from cli.reconcile.table import HISTORY, Table
from cli.rejects.lake import RejectLake
from cli.rejects.loads import ROW_REFUSED, LoadRejects
from cli.repair.objects import RepairObjects, hour_folder
from config.names import EventStream
from snowflake_setup.session.session import Session
from snowflake_setup.sql.identifiers import ObjectName

OnProgress = Callable[[str], None]
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 20.0


@dataclass(frozen=True, kw_only=True)
class Period:
    """Whole hours.

    Attributes:
        start: the beginning of the first.
        end: the end of the last.
    """

    start: datetime
    end: datetime

    @classmethod
    def around(cls, start: datetime, end: datetime) -> Period:
        """The hours in which these moments are, in UTC."""
        first = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        last = end.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return cls(start=first, end=last if last == end else last + HOUR)

    @property
    def hours(self) -> list[datetime]:
        """The beginning of each hour."""
        return [self.start + HOUR * number for number in range(int((self.end - self.start) / HOUR))]


class Reconciliation:
    """Compares the lake of one kind of event with its table, and repairs it.

    Args:
        deployment: the environment.
        stream: the kind of event.
        session: the user's own in Snowflake.
        grace: how long a file may take to be loaded.
        count_lines: read every file.
    """

    def __init__(
        self,
        deployment: Deployment,
        stream: EventStream,
        session: Session,
        *,
        grace: timedelta,
        count_lines: bool,
    ) -> None:
        names = deployment.config.snowflake
        self._config = deployment.config
        self._stream = stream
        self._session = session
        self._lake = Lake.of(deployment)
        self._table = Table(session, ObjectName.of(names.database, names.schema_name, stream.table))
        self._examiner = Examiner(
            stream,
            contract.load(stream.contract),
            self._lake,
            self._table,
            grace=grace,
            kept=timedelta(days=days)
            if (days := deployment.config.storage.expire_events_after_days)
            else None,
            rows_kept=stream.rows.kept_for,
            count_lines=count_lines,
        )
        pipe = ObjectName.of(names.database, names.schema_name, stream.pipe)
        self._repair = Repair(stream, self._lake, session, pipe)
        self._until = datetime.now(UTC)
        self._repaired: list[str] = []

    def examine(self, hours: Sequence[datetime], on_progress: OnProgress) -> list[Finding]:
        """Compare each hour; what lands from now on is left out.

        Raises:
            CommandError: AWS refuses.
            SnowflakeError: Snowflake refuses.
        """
        now, findings = datetime.now(UTC), list[Finding]()
        if not hours:
            return findings
        outcomes = self._table.outcomes(max(hours[0], now - HISTORY))
        refused = cache(lambda: self._refused(hours[0], now))
        rows, day = {}, None
        for hour in hours:
            on_progress(f"{hour:%Y-%m-%d %H:00}")
            if hour.date() != day:
                day, rows = hour.date(), self._table.rows_by_file(hour.replace(hour=0))
            known = Known(
                rows=rows, outcomes=outcomes, refused=refused, until=self._until, repaired=self._repaired
            )
            files = self._lake.files(self._stream.data_prefix, hour)
            findings.append(self._examiner.examine(hour, files, known, now))
        self._note_rejects(findings, now)
        return findings

    def repair(
        self, findings: Iterable[Finding], wait: timedelta, stop: Flag, on_progress: OnProgress
    ) -> tuple[list[Finding], list[str]]:
        """Repair hours, and examine them until they are complete, nothing is left to try, or the time is over.

        Returns:
            the hours as they are then, and the files that were announced or written.

        Raises:
            CommandError: AWS refuses.
            SnowflakeError: Snowflake refuses.
        """
        deadline, pause = time.monotonic() + wait.total_seconds(), _FIRST_PAUSE_SECONDS
        by_hour, done = {finding.hour: finding for finding in findings}, self._repaired
        left = list(by_hour.values())
        while left and not stop.is_set():
            new = [
                key for finding in left for key in self._repair.of(_without(finding, done), datetime.now(UTC))
            ]
            done += new
            on_progress(f"{len(done):,} files announced or written, waiting until they are loaded")
            if time.monotonic() > deadline:
                break
            stop.wait(pause)
            pause = _FIRST_PAUSE_SECONDS if new else min(pause * 1.5, _LONGEST_PAUSE_SECONDS)
            again = self.examine([finding.hour for finding in left], lambda _: None)
            by_hour |= {finding.hour: finding for finding in again}
            left = [finding for finding in again if finding.missing or finding.lacking or finding.waiting]
        return list(by_hour.values()), done

    def _refused(self, since: datetime, now: datetime) -> Mapping[str, Collection[int]]:
        """The lines that Snowflake refused by themselves: sent again, they would be refused again."""
        loads = LoadRejects(self._session, RejectLake(self._lake.s3, self._lake.bucket), self._config)
        lines: defaultdict[str, set[int]] = defaultdict(set)
        for entry in loads.entries([self._stream], since, now):
            if entry.reason == ROW_REFUSED:
                lines[entry.key].update(entry.lines)
        return lines

    def _note_rejects(self, findings: Sequence[Finding], now: datetime) -> None:
        """Count what the gate rejected and Firehose could not pass on, by the hour of its arrival."""
        lake, repairs = (
            RejectLake(self._lake.s3, self._lake.bucket),
            RepairObjects(self._lake.s3, self._lake.bucket),
        )
        lines_of = cache(repairs.lines_of)
        by_hour = {finding.hour: finding for finding in findings}
        for stored, entries in lake.read(lake.objects([self._stream], findings[0].hour, now)):
            for entry in entries:
                finding = by_hour.get(entry.at.astimezone(UTC).replace(minute=0, second=0, microsecond=0))
                if finding is None:
                    continue
                folder = hour_folder(self._stream.data_prefix, entry.at)
                if not stored.is_failed:
                    finding.rejects += 1
                elif entry.lines and entry.lines[0] in lines_of(folder, stored.key):
                    finding.redriven += 1
                else:
                    finding.failed += 1


def _without(finding: Finding, announced: Collection[str]) -> Finding:
    """The finding without the files that were announced already."""
    return replace(finding, missing=[file for file in finding.missing if file.key not in announced])
