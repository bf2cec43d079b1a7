"""docs/performance.md: the last results of `make bench`, kept in bench/results.json."""

from __future__ import annotations

from bench.entries import ENTRIES
from bench.results import Result, load
from bench.table import markdown, parts


def results() -> str:
    """The table of all figures."""
    found = _found()
    if not found:
        return "\nNothing was measured yet: run `make bench`, then `make docs`.\n\n"
    return "\n" + "\n".join(markdown(found)) + "\n\n"


def details(entry: str) -> str:
    """The day and the machine of an entry's last run, and what its figures were computed from."""
    found = _found().get(entry)
    if found is None:
        return "\nNot measured yet.\n\n"
    lines = [f"Measured {found.day} in {found.seconds:.0f} s: {found.machine}.", ""]
    for figure in found.figures:
        lines.append(
            f"- {figure.name}: {parts(figure) or 'as above'}{f'. {figure.note}' if figure.note else ''}"
        )
    return "\n" + "\n".join(lines) + "\n\n"


def _found() -> dict[str, Result]:
    """The results of entries that still exist, in their order."""
    found = load()
    return {entry.name: found[entry.name] for entry in ENTRIES if entry.name in found}
