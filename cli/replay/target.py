"""The table that a replay fills, and what of the lake it already has.

No file on this machine remembers what was done: the rows of the table say it, so a replay may be interrupted, and run
again from any machine.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event as Flag
from typing import Protocol

from cli.output import CommandError
from cli.reconcile.lake import LakeFile
from cli.reconcile.table import HISTORY, FileOutcome, FileRows, Table
from snowflake_setup.objects.columns import ShownColumns
from snowflake_setup.objects.table import ShownTable
from snowflake_setup.pipe.evidence import MARGIN
from snowflake_setup.pipe.folders import REACH
from snowflake_setup.pipe.state import state_of
from snowflake_setup.session.session import Session, shown
from snowflake_setup.sql.identifiers import Identifier, ObjectName
from snowflake_setup.sql.load_state import LoadState
from snowflake_setup.sql.table import Column, CreateTable, ShowTable

_REST_SECONDS = 120.0


@dataclass
class Choice:
    """The files of an hour.

    Attributes:
        todo: those to load.
        done: those that the table has from an earlier run.
        left: those that the pipe may still load, so that they would be doubled.
        expired: those whose rows have expired.
    """

    todo: list[LakeFile] = field(default_factory=list)
    done: list[LakeFile] = field(default_factory=list)
    left: list[LakeFile] = field(default_factory=list)
    expired: list[LakeFile] = field(default_factory=list)


class Target(Protocol):
    """A table to fill.

    Attributes:
        name: its name.
        columns: its columns.
        location: what its rows have before a file's path from the folder of its day; None if it has no row yet.
    """

    name: ObjectName
    columns: tuple[Column, ...]
    location: str | None

    def choose(self, hour: datetime, files: Sequence[LakeFile], now: datetime) -> Choice:
        """Decide which files of an hour are to be loaded."""


class OwnTable:
    """The table of the kind of event itself, into which its pipe goes on loading.

    Files that the pipe has loaded or refused are safe: it takes no name twice. Those that it has not seen are announced
    by `clickstream reconcile --repair`; loaded here, a late notification would load them again. Only if they are older
    than its week, and the pipe had nothing to load at the start, no notification is expected any more. Hours whose rows
    may have expired are left out: loaded again, they would stay as long as new rows.

    Raises:
        CommandError: the table does not exist, or its pipe does not come to rest.
    """

    def __init__(
        self,
        session: Session,
        name: ObjectName,
        pipe: ObjectName,
        since: datetime,
        now: datetime,
        stop: Flag,
        *,
        rows_kept: timedelta | None = None,
    ) -> None:
        self.name = name
        self.columns = columns_of(session, name)
        self.location: str | None = None
        self._rows_kept = rows_kept
        _await_rest(session, pipe, stop)
        self._table = Table(session, name)
        self._outcomes = self._table.outcomes(max(since, now - HISTORY))
        self._days = _Days(self._table)

    def choose(self, hour: datetime, files: Sequence[LakeFile], now: datetime) -> Choice:
        """Leave out what the pipe may still load, and what has expired."""
        if self._rows_kept is not None and hour < now - self._rows_kept:
            return Choice(expired=[*files])
        choice, rows = Choice(), self._days.rows(hour)
        for path, found in rows.items():
            self.location = found.name.removesuffix(path)
        for file in files:
            may_come = self._may_come(file, self._outcomes.get(file.place), rows.get(file.place), now)
            (choice.left if may_come else choice.todo).append(file)
        return choice

    @staticmethod
    def _may_come(file: LakeFile, outcome: FileOutcome | None, rows: FileRows | None, now: datetime) -> bool:
        if outcome:
            return outcome.state is LoadState.IN_PROGRESS
        if file.written < now - REACH:
            return False
        # Snowpipe may commit a file in parts, and the history shows it late.
        return rows is None or rows.loaded > now - MARGIN


class NewTable:
    """A table that only replays fill: all rows of a file come with one transaction, so a file with rows is done.

    Raises:
        CommandError: there is another table of that name.
    """

    def __init__(self, session: Session, name: ObjectName, like: ObjectName, *, create: bool) -> None:
        self.name = name
        self.columns = columns_of(session, like)
        self.location: str | None = None
        mark = f"clickstream replay of {like}"
        there = shown(session, ShowTable(name))
        if there is None and create:
            session.execute(CreateTable(name, self.columns, schema_evolution=False, comment=mark))
        elif there is not None and there["comment"] != mark:
            raise CommandError(
                f"--into {name}: this table exists, and was not made by a replay of {like} (its comment is "
                f"{there['comment']!r}); name a new one",
                exit_code=2,
            )
        self._days = _Days(Table(session, name)) if there else None

    def choose(self, hour: datetime, files: Sequence[LakeFile], now: datetime) -> Choice:
        """Leave out the files that have rows."""
        rows = self._days.rows(hour) if self._days else {}
        return Choice(
            todo=[file for file in files if file.place not in rows],
            done=[file for file in files if file.place in rows],
        )


def columns_of(session: Session, table: ObjectName) -> tuple[Column, ...]:
    """The columns of a table, with their comments.

    Raises:
        CommandError: there is no such table.
    """
    there = ShownTable.look(session, table)
    if there is None:
        raise CommandError(
            f"there is no table {table}, or your role may not see it; deploy the environment, or use another role"
        )
    return tuple(_column(name, there.columns) for name in there.columns)


def _column(name: str, columns: ShownColumns) -> Column:
    column = columns[name]
    required = "" if column.nullable else " NOT NULL"
    return Column(Identifier(name), f"{column.type}{required}", column.comment or None)


class _Days:
    """The rows of a table by the files of a day; the last day is kept."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._day: datetime | None = None
        self._rows: dict[str, FileRows] = {}

    def rows(self, hour: datetime) -> dict[str, FileRows]:
        day = hour.replace(hour=0)
        if day != self._day:
            self._day, self._rows = day, self._table.rows_by_file(day)
        return self._rows


def _await_rest(session: Session, pipe: ObjectName, stop: Flag) -> None:
    """Wait for a moment in which the pipe has no file to load.

    Raises:
        CommandError: it does not run, or is busy all the time.
    """
    deadline = time.monotonic() + _REST_SECONDS
    while True:
        state = state_of(session, pipe)
        if not state.running:
            raise CommandError(
                f"pipe {pipe} is {state.execution}: what waits for it would be loaded twice. Start it again (see the "
                "runbook), or replay into a new table with --into"
            )
        if state.pending == 0 or stop.is_set():
            return
        if time.monotonic() > deadline:
            raise CommandError(
                f"pipe {pipe} still has {state.pending:,} files to load after {_REST_SECONDS:.0f} s, which would be "
                "loaded twice; run this again when `clickstream status` shows none, or replay into a new table with "
                "--into"
            )
        stop.wait(1.0)
