"""The table of results, for a terminal and for docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.figure import Figure
from bench.results import Result

_WIDTH = 170
_BAR = 10  # characters up to the mark


def show(results: Mapping[str, Result]) -> None:
    """Print each figure with its mark, and a bar that ends at the mark."""
    table = Table("entry", "figure", "against", "median", "spread", "mark", "of the mark")
    for name, one in results.items():
        for figure in one.figures:
            table.add_row(
                name,
                figure.name,
                figure.against,
                _amount(figure.median),
                spread(figure),
                figure.mark,
                _bar(figure),
            )
    Console(width=max(Console().width, _WIDTH)).print(table)


def markdown(results: Mapping[str, Result]) -> Iterator[str]:
    """The lines of the table in Markdown."""
    yield "| entry | figure | against | median | spread | mark | |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for name, one in results.items():
        for figure in one.figures:
            verdict = "" if figure.effort is None else "kept" if figure.is_kept else "**missed**"
            cells = (figure.name, figure.against, amount(figure), spread(figure), figure.mark, verdict)
            yield f"| [{name}](#{name}) | {' | '.join(cells)} |"


def amount(figure: Figure) -> str:
    """The median with its unit."""
    return f"{_amount(figure.median)} {figure.unit}"


def spread(figure: Figure) -> str:
    """The lowest and the highest round."""
    if len(figure.values) == 1:
        return "one round"
    return f"{_amount(min(figure.values))} to {_amount(max(figure.values))}"


def parts(figure: Figure) -> str:
    """The medians that a figure was computed from."""
    return "; ".join(
        f"{name.rpartition(', ')[0]} {_amount(value)} {name.rpartition(', ')[2]}"
        for name, value in figure.parts.items()
    )


def _amount(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _bar(figure: Figure) -> Text:
    if figure.effort is None:
        return Text()
    length = min(round(figure.effort * _BAR), 2 * _BAR)
    text = f"{'█' * min(length, _BAR):░<{_BAR}}│{'█' * max(length - _BAR, 0)}"
    return Text(f"{text} {figure.effort:.0%}", style="green" if figure.is_kept else "red")
