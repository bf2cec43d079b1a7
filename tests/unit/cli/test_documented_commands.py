"""Commands in README and docs exist, with the options they are shown with."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from cli.main import app

ROOT = Path(__file__).parents[3]
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def commands() -> Iterator[str]:
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for block in BLOCK.findall(page.read_text()):
            yield from filter(None, (line.strip() for line in block.splitlines()))


@pytest.mark.parametrize("line", sorted({line for line in commands() if line.startswith("clickstream ")}))
def test_clickstream_takes_what_the_docs_say(line: str) -> None:
    group = typer.main.get_command(app)
    name, *arguments = shlex.split(line)[1:]
    command = group.commands[name]  # type: ignore[attr-defined]
    assert command.make_context(name, arguments)  # raises on an unknown option


@pytest.mark.parametrize("line", sorted({line for line in commands() if line.startswith("make ")}))
def test_make_has_the_verb(line: str) -> None:
    verb = line.split()[1]
    assert re.search(rf"^{verb}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_everything_shown_is_checked_or_known() -> None:
    known = ("clickstream ", "make ", "cdk ", "source ", "export PATH=", 'eval "$(clickstream env)"')
    assert [line for line in commands() if not line.startswith(known)] == []
