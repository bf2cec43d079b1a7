"""`python -m ci …`: what `make stage`, `diff`, `deploy`, `destroy`, `ci-local` and `nag` run."""

from __future__ import annotations

import signal
import sys
from types import FrameType

import typer
from rich.markup import escape

from ci import code_quality, deploy, destroy, diff, local, stage
from cli.output import CommandError, errors
from stacks.config_files import ConfigError

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
app.command()(stage.stage)
app.command()(diff.diff)
app.command()(deploy.deploy)
app.command()(destroy.destroy)
app.command()(local.local)
app.command()(code_quality.code_quality)


def main() -> None:
    """Run one; a job that is cancelled cleans up, and a mistake is a message."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app()
    except (CommandError, ConfigError) as error:
        errors.print(f"[red]error:[/red] {escape(str(error))}")
        sys.exit(error.exit_code if isinstance(error, CommandError) else 2)
    except KeyboardInterrupt:
        errors.print("interrupted")
        sys.exit(130)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
