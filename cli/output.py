"""Terminal output: progress on standard error, results on standard output, no colours when piped."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_MOST_SHOWN = 70


class CommandError(Exception):
    """An error that the user can act on; printed without a traceback.

    Args:
        message: the problem, its place, and the remedy.
        exit_code: for scripts.
    """

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@cache
def errors() -> Console:
    """Standard error."""
    from rich.console import Console  # a tenth of a second, which `--help` can do without

    return Console(stderr=True, highlight=False, soft_wrap=True)


@cache
def results() -> Console:
    """Standard output; a file has no width, so a row of a table stays on one line there."""
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = 1_000_000
    return console


@contextmanager
def step(title: str) -> Iterator[Callable[[str], None]]:
    """Show that a long step is running, and how long it took.

    Yields a function that shows the progress on a terminal.
    """
    started = time.monotonic()
    if errors().is_terminal:
        with errors().status(visible(title)) as status:
            yield lambda detail: status.update(visible(f"{title}: {detail[:_MOST_SHOWN]}"))
    else:
        yield lambda detail: None
    done(title, f" [dim]({time.monotonic() - started:.1f} s)[/dim]")


def done(title: str, after: str = "") -> None:
    """Show that a step is done."""
    from rich.markup import escape

    errors().print(f"[green]✓[/green] {escape(title)}{after}")


def note(message: str) -> None:
    """Print a message that is not part of the result."""
    errors().print(visible(message))


def tell(message: str) -> None:
    """Print a sentence as the result."""
    results().print(visible(message))


def print_columns(rows: Iterable[Sequence[object]]) -> None:
    """Print aligned columns; lines are never cut, so that addresses can be copied."""
    from rich.text import Text

    lines = [[cell if isinstance(cell, Text) else visible(cell) for cell in row] for row in rows]
    widths = [max(cell.cell_len for cell in column) for column in zip(*lines, strict=True)]
    for line in lines:
        for cell, width in zip(line, widths, strict=True):
            cell.pad_right(width - cell.cell_len)
        joined = Text("  ").join(line)
        joined.rstrip()
        results().print(joined)


def coloured(text: str, *, well: bool) -> Text:
    """A state in green or red."""
    from rich.text import Text

    return Text(text, style="green" if well else "red")


def shown(path: Path) -> str:
    """A path relative to the current folder, as the user would type it."""
    return os.path.relpath(path)


def visible(value: object) -> Text:
    """A value made safe for the terminal: no content of an event is interpreted as markup or control characters."""
    from rich.text import Text

    text = str(value)
    return Text("".join(c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text))


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON document on standard output, for scripts."""
    print(json.dumps(value, indent=2, default=str))
