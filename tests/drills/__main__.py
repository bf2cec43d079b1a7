"""`make drill`: break the running pipeline in every way we know, and see which alarms go off."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.drills.drill import Verdict, conduct
from tests.drills.drills import DRILLS
from tests.drills.scene import pipeline_at_work


def main(words: list[str]) -> int:
    """Run the drills whose names contain one of `words` (or all); 1 if one failed."""
    # A log has no terminal width, and the table needs room.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    chosen = [drill for drill in DRILLS if not words or any(word in drill.name for word in words)]
    verdicts: list[Verdict] = []
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, pipeline_at_work(Path(folder) / "state") as scene:
        for drill in chosen:
            with console.status(f"drill: {drill.name}"):
                verdicts.append(conduct(drill, scene))
            console.print(f"{'failed' if verdicts[-1].complaints else 'passed'}: {drill.name}")
    console.print(_table(verdicts))
    for verdict in verdicts:
        for complaint in verdict.complaints:
            console.print(f"FAILED {verdict.drill.name}: {complaint}", markup=False)
    failed = sum(bool(verdict.complaints) for verdict in verdicts)
    console.print(
        f"{len(verdicts)} drills, {len(verdicts) - failed} passed, {failed} failed; {time.monotonic() - started:.0f} s"
    )
    return 1 if failed or not verdicts else 0


def _table(verdicts: list[Verdict]) -> Table:
    table = Table(title="what broke, and which alarms fired")
    for column in (
        "drill",
        "metric moved",
        "alarms that fired",
        "pages",
        "fired after",
        "OK after repair",
        "verdict",
    ):
        table.add_column(column)
    for verdict in verdicts:
        table.add_row(
            verdict.drill.name,
            "\n".join(verdict.moved[name] for name in sorted(verdict.moved)),
            "\n".join(sorted(verdict.fired)),
            str(verdict.pages),
            f"{verdict.alarm_seconds:.0f} s",
            f"{verdict.calm_seconds:.0f} s",
            "failed" if verdict.complaints else "passed",
        )
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
