"""How the command speaks: progress on standard error, results on standard output, no colours when piped."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

errors = Console(stderr=True, highlight=False, soft_wrap=True)
results = Console(highlight=False, soft_wrap=True)
if not results.is_terminal:
    results.width = 1_000_000  # a file has no edge: a row of a table stays one line


class CommandError(Exception):
    """Something the person at the keyboard can act on; printed without a traceback.

    Args:
        message: what was wrong, where, and what to do.
        exit_code: for scripts.
    """

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show that something long is under way, and how long it took."""
    started = time.monotonic()
    if errors.is_terminal:
        with errors.status(title):
            yield
    else:
        yield
    errors.print(f"[green]✓[/green] {title} [dim]({time.monotonic() - started:.1f} s)[/dim]")


def shown(path: Path) -> str:
    """A path as the reader would type it, from where they are."""
    return os.path.relpath(path)


def visible(value: object) -> Text:
    """A value as a terminal may show it: whatever an event holds, it neither styles nor steers the terminal."""
    text = str(value)
    return Text("".join(c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text))


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON document on standard output, for scripts."""
    print(json.dumps(value, indent=2, default=str))
