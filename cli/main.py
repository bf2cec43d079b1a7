"""Entry point of `clickstream`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Annotated

import typer

from cli.commands.bootstrap_sql import bootstrap_sql
from cli.commands.cost import cost
from cli.commands.demo import demo
from cli.commands.doctor import doctor
from cli.commands.down import down
from cli.commands.env import env
from cli.commands.plan import plan
from cli.commands.query import query
from cli.commands.reconcile import reconcile
from cli.commands.rejects import rejects
from cli.commands.replay import replay
from cli.commands.rotate_login import rotate_login
from cli.commands.send import send
from cli.commands.status import status
from cli.commands.up import up
from cli.output import CommandError, errors, shown, visible

app = typer.Typer(
    name="clickstream",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    # Typer loads pydantic to convert an option that was not given, unless it is a bool already.
    context_settings={"default_map": dict.fromkeys(("help", "install_completion", "show_completion"), False)},
)
for command in (
    demo,
    up,
    down,
    status,
    doctor,
    env,
    send,
    query,
    reconcile,
    replay,
    bootstrap_sql,
    plan,
    cost,
    rotate_login,
):
    app.command()(command)
app.add_typer(rejects, name="rejects")


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(version("clickstream-pipeline"))
        raise typer.Exit


@app.callback()
def clickstream(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Click events from AWS into Snowflake: try it on this laptop, send events, query rows.

    Without --env a command works on the environment named by CLICKSTREAM_ENV, else on the laptop's.
    """


class Interrupted(SystemExit):
    """Ctrl-C or SIGTERM, with cleanup; typer would catch a KeyboardInterrupt and print no message."""


def main() -> None:
    """Run the command."""
    run(app)


def run(command_line: Callable[[], None]) -> None:
    """Run a command line: a user's mistake ends with a message and an exit code, no traceback; signals clean up."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    try:
        command_line()
    except Exception as error:
        code = _exit_code(error)
        if code is None:
            raise
        errors().print("[red]error:[/red]", visible(_message(error)))
        sys.exit(code)
    except Interrupted:
        errors().print("interrupted")
        raise


def _exit_code(error: Exception) -> int | None:
    """The exit code of an error that needs no traceback; None for a bug of the program."""
    from config.files import ConfigError
    from producer import ProducerError

    if isinstance(error, CommandError):
        return error.exit_code
    if isinstance(error, ConfigError):
        return 2
    laptop_error = getattr(sys.modules.get("laptop"), "LaptopCloudError", CommandError)
    return 1 if isinstance(error, (ProducerError, OSError, laptop_error)) else None


def _message(error: Exception) -> str:
    if not isinstance(error, OSError):
        return str(error)
    where = f": {shown(error.filename)}" if error.filename else ""
    advice = "Rejects go to the current folder, state and logs to .local/ or the folder that CLICKSTREAM_STATE names"
    return f"{error.strerror or error}{where}. {advice}"


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise Interrupted(128 + number)


if __name__ == "__main__":
    main()
