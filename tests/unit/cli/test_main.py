"""The command's exit: a user's mistake gives a sentence and an exit code, never a traceback."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Iterator
from importlib.metadata import version
from unittest.mock import patch

import pytest
import typer
from typer.testing import CliRunner

from cli.main import app, run
from cli.output import CommandError
from config.files import ConfigError
from laptop import LaptopCloudError
from producer import InputError


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    """Restore the test process's signal handlers after the command."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def ended(error: Exception, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    def command() -> None:
        raise error

    with pytest.raises(SystemExit) as caught:
        run(command)
    return int(str(caught.value.code)), capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (CommandError("no [bold] stream"), 1, "error: no [bold] stream"),
        (CommandError("wrong usage", exit_code=2), 2, "error: wrong usage"),
        (ConfigError("config/x.toml has 1 problem"), 2, "error: config/x.toml has 1 problem"),
        (InputError("cannot read x"), 1, "error: cannot read x"),
        (LaptopCloudError("it runs already"), 1, "error: it runs already"),
        (
            OSError(errno.EROFS, os.strerror(errno.EROFS), "state/cloud.json"),
            1,
            "error: Read-only file system: state/cloud.json. Rejects go to the current folder, state and logs",
        ),
        (
            OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
            1,
            "error: No space left on device. Rejects go to",
        ),
    ],
)
def test_a_users_mistake_is_one_sentence(
    error: Exception, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found, message = ended(error, capsys)
    assert found == code
    assert message.startswith(said)


def test_a_bug_is_a_traceback() -> None:
    def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(broken)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_reported_and_sets_the_exit_code(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupted, cleaned_up = typer.Typer(), []

    @interrupted.command()
    def command() -> None:
        try:
            os.kill(os.getpid(), number)
        finally:
            cleaned_up.append(number)

    with patch.object(sys, "argv", ["command"]), pytest.raises(SystemExit) as caught:
        run(interrupted)
    assert caught.value.code == 128 + number
    assert capsys.readouterr().err == "interrupted\n"
    assert cleaned_up == [number]


def test_the_version_is_the_packages() -> None:
    assert CliRunner().invoke(app, ["--version"]).output == f"{version('clickstream-pipeline')}\n"


def test_shell_completion_works() -> None:
    asked = {
        "_CLICKSTREAM_COMPLETE": "complete_bash",
        "COMP_WORDS": "clickstream query --env l",
        "COMP_CWORD": "3",
    }
    done = CliRunner().invoke(app, [], env=asked, prog_name="clickstream")
    assert done.output.split() == ["local", "local-direct"]
