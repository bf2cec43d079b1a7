"""`make bench`: measure, print, and fail when a limit is missed."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table

from bench import bundle, command, gate, producer, synth


def main() -> int:
    """Measure everything; 1 when a limit is missed."""
    measured = [synth.measure(), *bundle.measure(), producer.measure(), *gate.measure()]
    measured.append(command.measure())
    table = Table("benchmark", "ours", "other", "ratio", "limit")
    for figure in measured:
        limit = f"{'ratio ' if figure.limits_ratio else ''}{figure.limit:g}"
        table.add_row(
            figure.name,
            f"{figure.ours:.2f}",
            f"{figure.other:.2f}",
            f"{figure.ratio:.2f}",
            limit,
            style=None if figure.is_within else "red",
        )
    Console().print(table)
    return int(not all(figure.is_within for figure in measured))


if __name__ == "__main__":
    sys.exit(main())
