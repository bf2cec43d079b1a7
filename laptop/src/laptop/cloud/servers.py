"""The servers of a laptop cloud: what each is called, where it lives, how it is started."""

from __future__ import annotations

import os
from pathlib import Path

from laptop.cloud.environment import client_environment, without_real_accounts
from laptop.cloud.keys import create_key_pair
from laptop.cloud.ports import LOOPBACK
from laptop.cloud.processes import ServerCommand
from laptop.cloud.state import CloudState

AWS = "AWS emulator"
SNOWFLAKE = "Snowflake stand-in"
PAGE = "dashboard page"
# Without the page, everything else still works.
ESSENTIAL = (AWS, SNOWFLAKE)
HEALTH_PATHS = {AWS: "/_ministack/health", SNOWFLAKE: "/health", PAGE: "/health"}

_SHORT = {AWS: "aws", SNOWFLAKE: "snowflake", PAGE: "page"}


def data_dirs(state_dir: Path) -> list[Path]:
    """Where the servers keep what is in them."""
    return [state_dir / short for short in _SHORT.values()]


def admin_key_pair(state_dir: Path) -> tuple[Path, Path]:
    """The key of the user every stand-in has: private and public PEM file."""
    return create_key_pair(state_dir, "admin")


def server_commands(state_dir: Path, state: CloudState) -> list[ServerCommand]:
    """How the servers of `state` are started."""
    clean = without_real_accounts(os.environ)
    clients = client_environment(aws_port=state.aws_port, region=state.region)
    # The emulator hands this on to the Lambdas it runs, which log in to the stand-in.
    snowflake_address = {
        "SNOWFLAKE_HOST": LOOPBACK,
        "SNOWFLAKE_PORT": str(state.snowflake_port),
        "SNOWFLAKE_PROTOCOL": "http",
        # The connector would ask the clouds' metadata addresses which of them it runs in.
        "SNOWFLAKE_DISABLE_PLATFORM_DETECTION": "true",
    }
    private_key, public_key = admin_key_pair(state_dir)
    commands = [
        _command(
            state_dir,
            AWS,
            state.aws_port,
            clean | snowflake_address,
            arguments=("--region", state.region, "--minute-seconds", str(state.minute_seconds)),
        ),
        _command(
            state_dir,
            SNOWFLAKE,
            state.snowflake_port,
            clean | clients,
            arguments=("--admin-public-key", str(public_key)),
        ),
    ]
    if state.page_port is not None:
        asks = ("--snowflake-port", str(state.snowflake_port), "--admin-private-key", str(private_key))
        commands.append(_command(state_dir, PAGE, state.page_port, clean | clients, arguments=asks))
    return commands


def _command(
    state_dir: Path, name: str, port: int, environment: dict[str, str], *, arguments: tuple[str, ...]
) -> ServerCommand:
    short = _SHORT[name]
    return ServerCommand(
        name=name,
        module=f"laptop.{short}",
        port=port,
        state_dir=state_dir / short,
        log=state_dir / "logs" / f"{short}.log",
        health_path=HEALTH_PATHS[name],
        environment=environment,
        more_arguments=arguments,
    )
