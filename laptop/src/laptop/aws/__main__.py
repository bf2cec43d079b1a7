"""Start the AWS emulator: `python -m laptop.aws --port 4566 --state-dir .local/aws`."""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

from laptop.aws.settings import EmulatorSettings
from laptop.cloud.lifeline import end_with_owner


def main() -> None:
    """Read the command line, set up the environment, serve until SIGTERM or the end of standard input."""
    end_with_owner()
    arguments = _parser().parse_args()
    settings = EmulatorSettings(
        port=arguments.port,
        state_dir=arguments.state_dir.resolve(),
        region=arguments.region,
        minute_seconds=arguments.minute_seconds,
        notification_seconds=arguments.notification_seconds,
        node_modules=arguments.node_modules,
    )
    settings.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.rmtree(settings.scratch_dir, ignore_errors=True)
    settings.scratch_dir.mkdir(mode=0o700)
    environment = settings.environment(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    # MiniStack reads its environment when it is imported.
    from laptop.aws.server import run

    run(settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m laptop.aws", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="the loopback port to serve on")
    parser.add_argument("--state-dir", type=Path, required=True, help="where the emulator keeps its files")
    parser.add_argument("--region", required=True, help="the AWS region to emulate")
    parser.add_argument(
        "--minute-seconds",
        type=float,
        default=60.0,
        help="length of a schedule's minute, for tests that cannot wait",
    )
    parser.add_argument(
        "--notification-seconds",
        type=float,
        default=2.0,
        help="time until a bucket's changed notifications take effect; about five minutes in AWS",
    )
    parser.add_argument(
        "--node-modules", type=Path, help="packages that Node Lambdas find in AWS's runtime, e.g. the AWS SDK"
    )
    return parser


if __name__ == "__main__":
    main()
