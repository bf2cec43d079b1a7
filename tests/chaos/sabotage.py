"""The `clickstream` command with a deliberate fault: `python -m tests.chaos.sabotage FAULT …`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import datetime
from typing import Any
from unittest.mock import patch

from cli.main import main
from cli.reconcile.finding import Finding
from cli.reconcile.lake import LakeFile
from cli.reconcile.repairing import Repair
from cli.rejects.entry import Entry
from cli.rejects.redriving_loads import LoadRedrive
from cli.repair.objects import RepairObjects
from cli.replay.statements import InsertMissing
from cli.replay.target import Choice, NewTable


def _repair_skips_a_file() -> AbstractContextManager[Any]:
    whole = Repair.of

    def of(self: Repair, finding: Finding, now: datetime) -> list[str]:
        if finding.missing:
            return whole(self, replace(finding, missing=finding.missing[1:]), now)
        return whole(self, replace(finding, gaps=finding.gaps[1:]), now)

    return patch.object(Repair, "of", of)


def _redrive_sends_the_whole_record() -> AbstractContextManager[Any]:
    """Write the whole file of a refused line, regardless of rows and earlier repairs."""
    chosen = LoadRedrive._of_file

    def of_file(self: LoadRedrive, file: LakeFile, entries: Sequence[Entry]) -> None:
        with (
            patch.object(RepairObjects, "lines_of", return_value={}),
            patch.object(self, "_rows", return_value=()),
        ):
            chosen(self, file, [replace(entry, lines=()) for entry in entries])

    return patch.object(LoadRedrive, "_of_file", of_file)


def _replay_ignores_its_checkpoint() -> AbstractContextManager[Any]:
    """The rows that the table has from the run before."""
    faults, missing = ExitStack(), InsertMissing.sql

    def choose(_: NewTable, hour: datetime, files: Sequence[LakeFile], now: datetime) -> Choice:
        return Choice(todo=[*files])

    def sql(self: InsertMissing) -> str:
        return missing(self).replace('WHERE T."SOURCE_FILE" IS NULL AND', "WHERE")

    faults.enter_context(patch.object(NewTable, "choose", choose))
    faults.enter_context(patch.object(InsertMissing, "sql", sql))
    return faults


FAULTS: Mapping[str, Callable[[], AbstractContextManager[Any]]] = {
    "repair skips a file": _repair_skips_a_file,
    "replay ignores its checkpoint": _replay_ignores_its_checkpoint,
    "redrive sends the whole record": _redrive_sends_the_whole_record,
}


if __name__ == "__main__":
    with FAULTS[sys.argv.pop(1)]():
        main()
