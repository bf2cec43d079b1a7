"""How a command line of ours starts and ends."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from types import FrameType

from cli.output import CommandError, errors, visible
from config.files import ConfigError
from laptop.cloud.errors import LaptopCloudError


def run(app: Callable[[], None]) -> None:
    """Run it; a mistake of the person's is a message and an exit code, never a traceback, and SIGTERM cleans up."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app()
    except (CommandError, LaptopCloudError, ConfigError) as error:
        errors.print("[red]error:[/red]", visible(error))
        sys.exit(_exit_code(error))
    except KeyboardInterrupt:
        errors.print("interrupted")
        sys.exit(130)


def _exit_code(error: Exception) -> int:
    if isinstance(error, CommandError):
        return error.exit_code
    return 2 if isinstance(error, ConfigError) else 1


def _interrupt(number: int, frame: FrameType | None) -> None:
    """SIGTERM cleans up like Ctrl-C."""
    raise KeyboardInterrupt
