"""Interrupts runs of the CDK CLI at different instants: `python -m tests.unit.cli.interrupting CLI FOLDER COUNT`."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

from cli import cdk
from cli.main import run

# About the start-up time of the CLI.
_LATEST_SECONDS = 0.2


def main(cli: Path, folder: Path, count: int) -> None:
    """Fork a command for each instant, so that imports do not change the timing.

    Python drops signals that reach a child before its fork is complete, so the child reports that it is.
    """
    cdk.CDK_CLI = cli
    reader, writer = os.pipe()
    for seed in range(count):
        chance = random.Random(seed)  # noqa: S311 - no secret
        child = os.fork()
        if not child:
            os.write(writer, b".")
            _command(folder)
        os.read(reader, 1)
        time.sleep(chance.uniform(0, _LATEST_SECONDS))
        os.kill(child, chance.choice((signal.SIGINT, signal.SIGTERM, signal.SIGKILL)))
        os.waitpid(child, 0)


def _command(folder: Path) -> None:
    try:
        run(lambda: cdk.Cdk(assembly=folder, logs=folder, env="local").synth(lambda _: None))
    finally:
        os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
