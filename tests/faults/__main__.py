"""`make faults`: every kind of fault at every boundary of every flow, and a table of the outcomes."""

from __future__ import annotations

import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

from rich.console import Console
from rich.progress import track
from rich.table import Table

from laptop.testing.snowflake import KeyPair
from tests.faults.flows import FLOWS
from tests.faults.interference import KINDS, MEANING
from tests.faults.matrix import Rehearsal, Verdict, rehearse, try_case

# A case mostly waits.
_WORKERS = 4


def main(words: list[str]) -> int:
    """Try the flows whose names contain one of `words` (or all flows); 1 if a case failed."""
    # A log has no terminal width, and the table needs room.
    console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 160)
    key, started = KeyPair(), time.monotonic()
    flows = [flow for flow in FLOWS if not words or any(word in flow.name for word in words)]
    rehearsals = [rehearse(flow, key) for flow in flows]
    verdicts: list[Verdict] = []
    with ProcessPoolExecutor(_WORKERS, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting = [
            pool.submit(try_case, case, rehearsal, key)
            for rehearsal in rehearsals
            for case in rehearsal.cases()
        ]
        for done in track(as_completed(waiting), "cases", total=len(waiting), console=console):
            verdicts.append(done.result())
            for complaint in verdicts[-1].complaints:
                console.print(f"FAILED {verdicts[-1].case}: {complaint}", markup=False)
    console.print(_table(verdicts, rehearsals))
    for kind in KINDS:
        console.print(f"{kind}: {MEANING[kind]}")
    failed = sum(bool(verdict.complaints) for verdict in verdicts)
    missed = sum(not verdict.struck for verdict in verdicts)
    console.print(
        f"{len(verdicts)} cases tried, {len(verdicts) - failed} passed, {failed} failed, {missed} whose "
        f"boundary was not reached; {time.monotonic() - started:.0f} s"
    )
    return 1 if failed or not verdicts else 0


def _table(verdicts: list[Verdict], rehearsals: list[Rehearsal]) -> Table:
    table = Table(title="passed / tried")
    table.add_column("flow", no_wrap=True)
    table.add_column("boundaries", justify="right")
    for kind in KINDS:
        table.add_column(kind, justify="right")
    for rehearsal in rehearsals:
        cells = []
        for kind in KINDS:
            tried = [v for v in verdicts if v.case.flow == rehearsal.flow and v.case.kind == kind]
            passed = sum(not verdict.complaints for verdict in tried)
            cells.append(f"{passed}/{len(tried)}")
        table.add_row(rehearsal.flow.name, str(len(rehearsal.boundaries)), *cells)
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
