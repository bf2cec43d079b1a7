"""Commands in README and docs exist, with the options they are shown with: ours, make's verbs, and those of AWS."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import botocore.session
import jmespath
import pytest
import typer.main
from botocore import xform_name

from cli.main import app

ROOT = Path(__file__).parents[3]
# Commands that no service has: the CLI's own.
OWN_TO_THE_CLI = {("s3", "ls"), ("s3", "cp"), ("s3", "sync"), ("logs", "tail")}
CAPTURE = re.compile(r"(?:export )?\w+=\$\((.*)\)")
ASSIGNMENT = re.compile(r"(?:export )?[A-Z]+=\S+")
OPERATORS = {"|", "&&", ">", "<", "do", "done", "while"}
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def commands() -> Iterator[str]:
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for block in BLOCK.findall(page.read_text()):
            yield from whole(block)


def whole(block: str) -> Iterator[str]:
    """The commands of a block; one goes on after a backslash, and until its quotes are closed."""
    command = ""
    for line in filter(None, map(str.strip, block.splitlines())):
        command = f"{command.removesuffix(chr(92))}{line}"
        if not command.endswith(chr(92)) and _complete(command):
            yield command
            command = ""
    assert command == ""


def _complete(command: str) -> bool:
    try:
        shlex.split(command)
    except ValueError:  # an open quote
        return False
    return True


def calls(program: str) -> list[tuple[str, ...]]:
    """Every call of a program: its arguments, up to the next operator of the shell."""
    found = set()
    for command in commands():
        inner = CAPTURE.fullmatch(command)
        for part in _parts(shlex.split(inner[1] if inner else command)):
            if part[:1] == [program]:
                found.add(tuple(part[1:]))
    return sorted(found)


def _parts(words: list[str]) -> Iterator[list[str]]:
    part: list[str] = []
    for word in words:
        if word in OPERATORS:
            yield part
            part = []
            continue
        part.append(word.removesuffix(";"))
        if word.endswith(";"):
            yield part
            part = []
    yield part


@pytest.mark.parametrize("arguments", calls("clickstream"))
def test_clickstream_takes_what_the_docs_say(arguments: tuple[str, ...]) -> None:
    group = typer.main.get_command(app)
    name, *rest = arguments
    command = group.commands[name]  # type: ignore[attr-defined]
    assert command.make_context(name, rest)  # raises on an unknown option


@pytest.mark.parametrize("line", sorted({line for line in commands() if line.startswith("make ")}))
def test_make_has_the_verb(line: str) -> None:
    verb = line.split()[1]
    assert re.search(rf"^{verb}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("arguments", [call for call in calls("aws") if call[:2] not in OWN_TO_THE_CLI])
def test_aws_takes_what_the_docs_say(arguments: tuple[str, ...]) -> None:
    """The CLI makes its commands out of the services' descriptions, which botocore has, too."""
    service, operation, *rest = arguments
    model = botocore.session.get_session().get_service_model(service.removesuffix("api"))  # s3api
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    shape = model.operation_model(operations[operation]).input_shape
    assert shape
    known = {f"--{xform_name(name, '-')}" for name in shape.members} | {"--query", "--output", "--max-items"}
    known |= {f"--no-{xform_name(n, '-')}" for n, m in shape.members.items() if m.type_name == "boolean"}
    required = {f"--{xform_name(name, '-')}" for name in shape.required_members}
    options = {word for word in rest if word.startswith("--")}
    assert required <= {option.replace("--no-", "--") for option in options}
    assert options <= known, f"{service} {operation} has {sorted(known)}"
    for option, value in pairwise(rest):
        if option == "--query":
            assert jmespath.compile(value)  # raises on what is none


def test_everything_shown_is_checked_or_known() -> None:
    known = ("clickstream ", "make ", "cdk ", "aws ", "source ", "export ", 'eval "$(clickstream env)"')
    others = {"find", "gzip", "while"}
    unknown = [line for line in commands() if not line.startswith(known) and line.split()[0] not in others]
    assert [line for line in unknown if not (CAPTURE.fullmatch(line) or ASSIGNMENT.fullmatch(line))] == []


def test_no_variable_of_a_shell_steers_make() -> None:
    """What is exported reaches make, whose variables have defaults of their own."""
    makefile = (ROOT / "Makefile").read_text()
    ours = {*re.findall(r"^(\w+) \?=", makefile, re.MULTILINE), *re.findall(r"\$\(if \$\((\w+)\)", makefile)}
    exported = {match[1] for line in commands() if (match := re.match(r"export (\w+)=", line))}
    assert ours >= {"ENV", "EVENTS"}
    assert exported & ours == set()
