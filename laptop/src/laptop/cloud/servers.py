"""The servers of a laptop cloud: names, folders, command lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from laptop.cloud.environment import client_environment, without_real_accounts
from laptop.cloud.keys import create_key_pair
from laptop.cloud.ports import LOOPBACK
from laptop.cloud.state import CloudState

AWS = "AWS emulator"
SNOWFLAKE = "Snowflake stand-in"
PAGE = "dashboard page"
# Without the page, everything else still works.
ESSENTIAL = (AWS, SNOWFLAKE)
HEALTH_PATHS = {AWS: "/_ministack/health", SNOWFLAKE: "/health", PAGE: "/health"}

_SHORT = {AWS: "aws", SNOWFLAKE: "snowflake", PAGE: "page"}


@dataclass(frozen=True, kw_only=True)
class Options:
    """The settings of a cloud that are needed only to start it."""

    minute_seconds: float
    notification_seconds: float
    error_table_seconds: float
    page: bool
    node_modules: Path | None
    docs: Path | None


@dataclass(frozen=True, kw_only=True)
class ServerCommand:
    """One server's command line, port and log."""

    name: str
    program: Sequence[str]
    port: int
    state_dir: Path
    log: Path
    environment: Mapping[str, str]
    arguments: Sequence[str]

    @property
    def line(self) -> list[str]:
        """The command line."""
        return [*self.program, "--port", str(self.port), "--state-dir", str(self.state_dir), *self.arguments]

    @property
    def health_url(self) -> str:
        """The address that answers 200 once the server is ready."""
        return f"http://{LOOPBACK}:{self.port}{HEALTH_PATHS[self.name]}"


def data_dirs(state_dir: Path) -> list[Path]:
    """The data folders of the servers."""
    return [state_dir / short for short in _SHORT.values()]


def admin_key_pair(state_dir: Path) -> tuple[Path, Path]:
    """The key of the stand-in's administrator: private and public PEM file."""
    return create_key_pair(state_dir, "admin")


def server_commands(state_dir: Path, state: CloudState, options: Options) -> list[ServerCommand]:
    """The commands that start the servers of `state`."""
    clean = without_real_accounts(os.environ)
    clients = client_environment(aws_port=state.aws_port, region=state.region)
    # The emulator passes this on to its Lambdas, which log in to the stand-in.
    snowflake_address = {
        "SNOWFLAKE_HOST": LOOPBACK,
        "SNOWFLAKE_PORT": str(state.snowflake_port),
        "SNOWFLAKE_PROTOCOL": "http",
        # The connector would query cloud metadata addresses to find out where it runs.
        "SNOWFLAKE_DISABLE_PLATFORM_DETECTION": "true",
    }
    private_key, public_key = admin_key_pair(state_dir)
    modules = {"node-modules": options.node_modules}
    aws = {
        "region": state.region,
        "minute-seconds": options.minute_seconds,
        "notification-seconds": options.notification_seconds,
        **modules,
    }
    commands = [
        _command(state_dir, AWS, state.aws_port, clean | snowflake_address, aws),
        _command(
            state_dir,
            SNOWFLAKE,
            state.snowflake_port,
            clean | clients,
            {"admin-public-key": public_key, "error-table-seconds": options.error_table_seconds},
        ),
    ]
    if state.page_port is not None:
        page = {"snowflake-port": state.snowflake_port, "admin-private-key": private_key, **modules}
        page |= {"docs": options.docs}
        commands.append(_command(state_dir, PAGE, state.page_port, clean | clients, page))
    return commands


def _command(
    state_dir: Path, name: str, port: int, environment: dict[str, str], arguments: Mapping[str, object]
) -> ServerCommand:
    short = _SHORT[name]
    given = {f"--{key}": str(value) for key, value in arguments.items() if value is not None}
    return ServerCommand(
        name=name,
        # -P: do not import from the working directory.
        program=(sys.executable, "-P", "-m", f"laptop.{short}"),
        port=port,
        state_dir=state_dir / short,
        log=state_dir / "logs" / f"{short}.log",
        environment=environment,
        arguments=[word for pair in given.items() for word in pair],
    )
