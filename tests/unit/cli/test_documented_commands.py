"""Every code block of README and docs, run in a shell.

Commands that reach an account or take minutes (aws, cdk, clickstream, make, snow) are stubs that record their
arguments; the test fails if the real command would refuse them. Offline commands are then run for real.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import botocore.session
import jmespath
import pytest
import typer.main
from botocore import xform_name
from typer.testing import CliRunner

import contract
from cli.main import app
from config.files import load_config
from tests.documented import documented

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
# Records its name, the environment and its arguments, and prints "2", which is usable as a name and as a number.
STUB = """#!/bin/sh
printf '%s\\037' "${0##*/}" "${CLICKSTREAM_ENV-}" "$@" >> "$CALLS"
printf '\\036' >> "$CALLS"
[ "${1-}" = env ] || echo 2
"""
STUBS = {
    **dict.fromkeys(("aws", "cdk", "clickstream", "make", "snow"), STUB),
    **dict.fromkeys(("gunzip", "jq", "tail"), "#!/bin/sh\ncat\n"),
}
# The AWS CLI's own commands, which are not operations of a service.
OWN_TO_THE_CLI = {("s3", "ls"), ("s3", "cp"), ("s3", "sync"), ("logs", "tail")}


each_page = pytest.mark.parametrize(
    "page",
    [page for page in PAGES if "```sh" in page.read_text()],
    ids=lambda page: str(page.relative_to(ROOT)),
)


@dataclass(frozen=True)
class Call:
    """One call of a stub, in a shell whose CLICKSTREAM_ENV is `env`."""

    program: str
    env: str
    arguments: tuple[str, ...]


@cache
def paste(page: Path) -> tuple[Call, ...]:
    """Run the blocks of a page in one shell, from top to bottom; return the calls of stubs."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, script in STUBS.items():
            (folder / name).write_text(script)
            (folder / name).chmod(0o755)
        work = folder / "work"
        for file in (".venv/bin/activate", "failed/file"):
            (work / file).parent.mkdir(parents=True)
            (work / file).touch()
        search = os.pathsep.join([scratch, os.defpath, "/usr/local/bin"])
        done = subprocess.run(
            ["bash", "-eu"],
            input="\n".join(documented(page, "sh")),
            cwd=work,
            env={"PATH": search, "HOME": scratch, "CALLS": str(folder / "calls")},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, ""), f"{page}: {done.stderr}"
        calls = folder / "calls"
        records = calls.read_text().split("\036")[:-1] if calls.exists() else []
    words = [record.split("\037")[:-1] for record in records]
    return tuple(Call(program, env, tuple(arguments)) for program, env, *arguments in words)


def calls(program: str) -> list[Call]:
    return sorted({call for page in PAGES for call in paste(page) if call.program == program}, key=str)


@each_page
def test_the_commands_of_a_page_run(page: Path) -> None:
    paste(page)


def test_the_stubs_are_called() -> None:
    assert {
        program: len(calls(program)) >= 5 for program in ("aws", "cdk", "clickstream", "make")
    } == dict.fromkeys(("aws", "cdk", "clickstream", "make"), True)


def test_clickstream_accepts_the_documented_arguments() -> None:
    for call in calls("clickstream"):
        command, name, rest = typer.main.get_command(app), "", list(call.arguments)
        while commands := getattr(command, "commands", None):
            name, *rest = rest
            command = commands[name]
        assert command.make_context(name, rest)  # raises on an unknown option


def test_documented_offline_commands_run() -> None:
    offline = {
        call: [*call.arguments, "--dry-run"] if call.arguments[0] == "send" else list(call.arguments)
        for call in calls("clickstream")
        if call.arguments[0] == "bootstrap-sql" or "--count" in call.arguments[1:]
    }
    assert {call.arguments[0] for call in offline} >= {"bootstrap-sql", "send"}
    for call, arguments in offline.items():
        done = CliRunner().invoke(app, arguments, env={"CLICKSTREAM_ENV": call.env or None})
        assert done.exit_code == 0, (call, done.output, done.exception)


def test_make_has_the_documented_verbs() -> None:
    verbs = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {call.arguments[0] for call in calls("make")} <= verbs


def test_documented_cdk_calls_always_name_an_environment() -> None:
    assert [
        call for call in calls("cdk") if not (call.env or any("env=" in word for word in call.arguments))
    ] == []


@each_page
def test_aws_accepts_the_documented_arguments(page: Path) -> None:
    for call in paste(page):
        if call.program == "aws" and call.arguments[:2] not in OWN_TO_THE_CLI:
            check_aws(call.arguments)


def check_aws(arguments: tuple[str, ...]) -> None:
    """Check against botocore's service models, from which the CLI generates its commands."""
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
            assert jmespath.compile(value)  # raises on invalid syntax


@pytest.mark.parametrize("block", [block for page in PAGES for block in documented(page, "toml")])
def test_documented_config_loads(block: str, tmp_path: Path) -> None:
    """Add the documented keys to a minimal config: it loads, its files exist, and events can be generated."""
    snowflake = '[snowflake]\naccount = "a-b"\n'
    (tmp_path / "mine.toml").write_text(f"{block}{snowflake}")
    for stream in load_config("mine", tmp_path).event_streams:
        assert contract.load(stream.contract).fields


def test_make_ignores_exported_variables() -> None:
    """Exported variables reach make, which must use its own defaults."""
    makefile = (ROOT / "Makefile").read_text()
    ours = {*re.findall(r"(\w+) \?=", makefile), *re.findall(r"\$\$\{(\w+):", makefile)}
    exported = {
        name for page in PAGES for name in re.findall(r"^\s*export (\w+)=", page.read_text(), re.MULTILINE)
    }
    assert "EVENTS" in ours
    assert exported & ours == set()
