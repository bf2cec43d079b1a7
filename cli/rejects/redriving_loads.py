"""Lines that Snowflake refused, written into the lake again: single lines, the lines after a broken one, whole files.

A line that is a row by now, or in a repair object, is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from cli.deployment import Deployment
from cli.output import CommandError
from cli.plan.forecast import OwnSession
from cli.reconcile.finding import Gap
from cli.reconcile.lake import Lake, LakeFile, Record, place
from cli.reconcile.repairing import Repair
from cli.reconcile.table import Table
from cli.rejects.entry import Entry
from cli.rejects.redriving import Outcome
from cli.repair.objects import RepairObjects
from config.names import EventStream
from snowflake_setup.session.errors import SnowflakeError
from snowflake_setup.sql.identifiers import ObjectName


class LoadRedrive:
    """Writes lines of one kind of event that Snowflake refused.

    Args:
        lake: holds the files.
        table: holds the rows.
        repair: writes the repair objects.
        dry_run: write nothing.
        outcome: is counted up.
    """

    def __init__(self, lake: Lake, table: Table, repair: Repair, *, dry_run: bool, outcome: Outcome) -> None:
        self._lake = lake
        self._table = table
        self._repair = repair
        self._repairs = RepairObjects(lake.s3, lake.bucket)
        self._dry_run = dry_run
        self._outcome = outcome

    def of(self, entries: Iterable[Entry]) -> None:
        """Write the lines that these rejects stand for.

        Raises:
            CommandError: AWS refuses.
            SnowflakeError: Snowflake refuses.
        """
        by_file: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            if place(entry.key):
                by_file[entry.key].append(entry)
                continue
            why = (
                f"{entry.key} is in no folder of an hour"
                if entry.key
                else "Snowflake does not say which file it was in"
            )
            self._outcome.found.add(entry.reject_id)
            self._outcome.failed.append((entry.reject_id, why))
        for key, some in by_file.items():
            self._of_file(LakeFile(key, 0, some[0].at), some)

    def _of_file(self, file: LakeFile, entries: Sequence[Entry]) -> None:
        outcome = self._outcome
        covered = self._repairs.lines_of(file.folder, file.key)
        left = {record.number: record for record in self._lake.records(file) if record.number not in covered}
        for number in self._rows(file):
            left.pop(number, None)
        chosen = dict[int, Record]()
        for entry in entries:
            of_entry = {number: left[number] for number in entry.lines or left if number in left}
            if not of_entry:
                outcome.before.add(entry.reject_id)
                continue
            outcome.found.add(entry.reject_id)
            (record, *more) = of_entry.values()
            if not more and record.flaws:
                outcome.failed.append((entry.reject_id, f"still rejected: {record.flaws[0].text}"))
                continue
            outcome.sent += 1
            chosen |= of_entry
        records = [chosen[number] for number in sorted(chosen)]
        gap = Gap(file, [one for one in records if not one.flaws], [one for one in records if one.flaws])
        outcome.events += len(gap.events)
        if records and not self._dry_run:
            outcome.objects += self._repair.fill(gap)

    def _rows(self, file: LakeFile) -> Iterable[int]:
        """The numbers of the lines that are rows."""
        day = datetime.strptime(file.place[:13], "dt=%Y-%m-%d").replace(tzinfo=UTC)
        rows = self._table.rows_by_file(day).get(file.place)
        return self._table.rows_of([rows], day).get(file.place, {}) if rows else ()


def redrive_loads(
    deployment: Deployment, stream: EventStream, entries: Iterable[Entry], *, dry_run: bool, outcome: Outcome
) -> None:
    """Write what Snowflake refused of one kind of event, in the user's own session.

    Raises:
        CommandError: AWS or Snowflake refuses.
    """
    names = deployment.config.snowflake
    lake = Lake.of(deployment)
    table, pipe = (
        ObjectName.of(names.database, names.schema_name, name) for name in (stream.table, stream.pipe)
    )
    try:
        with deployment.snowflake() as connection:
            session = OwnSession(connection)
            repair = Repair(stream, lake, session, pipe)
            LoadRedrive(lake, Table(session, table), repair, dry_run=dry_run, outcome=outcome).of(entries)
    except SnowflakeError as error:
        raise CommandError(f"cannot compare with the rows of {stream.name}: {error}") from None
