"""`make bench`: measure, print, keep the results, and fail when a mark is missed."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import Annotated

import typer

from bench.entries import ENTRIES, Entry
from bench.results import FILE, Result, result, save
from bench.run import ROOT, Run, opened_run, say
from bench.table import show

_QUICK_SHARE = 0.01
MISSED, USAGE = 3, 2


def bench(
    only: Annotated[list[str] | None, typer.Argument(metavar="[ENTRY]…", show_default="all")] = None,
    listed: Annotated[bool, typer.Option("--list", help="Name the entries, and measure nothing.")] = False,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Small sizes and one round, to see that it works; nothing is kept."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for scripts instead of a table.")
    ] = False,
) -> None:
    """Measure how fast this project is, and print each figure with its mark.

    Most marks are for ratios of two things that are measured in turn in one run. The results are kept in
    bench/results.json, and those of entries that do not run stay there; `make docs` puts them into docs/performance.md,
    which explains each. Use an idle machine.

    \b
    make bench                           everything except `make test`, in about twelve minutes
    make bench ONLY="synth help"         some entries
    make bench ONLY=test                 `make test`
    python -m bench --quick              tries everything out

    \b
    Exit codes
    0    every mark is kept
    1    an entry failed
    2    wrong usage
    3    a mark is missed
    """
    if listed:
        for entry in ENTRIES:
            print(f"{entry.name:14} {entry.summary}{', only if it is named' if entry.is_asked_for else ''}")
        return
    found: dict[str, Result] = {}
    with opened_run(share=_QUICK_SHARE if quick else 1.0, rounds=1 if quick else 5) as run:
        for entry in (chosen := _chosen(only or [])):
            say(f"[{len(found) + 1}/{len(chosen)}] {entry.name}: {entry.summary}")
            found[entry.name] = _measured(entry, run)
            if not quick:  # what is measured is kept, even if a later entry fails
                save({entry.name: found[entry.name]})
    if as_json:
        print(json.dumps({name: asdict(one) for name, one in found.items()}, indent=1, ensure_ascii=False))
    else:
        show(found)
        if not quick:
            say(f"kept in {FILE.relative_to(ROOT)}; `make docs` puts them into docs/performance.md")
    if not all(figure.is_kept for one in found.values() for figure in one.figures):
        raise typer.Exit(MISSED)


def _chosen(names: list[str]) -> list[Entry]:
    known = {entry.name: entry for entry in ENTRIES}
    if unknown := [name for name in names if name not in known]:
        raise typer.BadParameter(f"{unknown[0]!r} is no entry; allowed: {', '.join(known)}")
    return [known[name] for name in names] or [entry for entry in ENTRIES if not entry.is_asked_for]


def _measured(entry: Entry, run: Run) -> Result:
    started = time.perf_counter()
    figures = entry.measure(run)
    seconds = time.perf_counter() - started
    say(f"      {seconds:.0f} s")
    return result(figures, seconds)


if __name__ == "__main__":
    typer.run(bench)
