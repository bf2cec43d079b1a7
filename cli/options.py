"""Options shared by all commands."""

from __future__ import annotations

from typing import Annotated

import typer

from config.choice import DEFAULT_ENV, ENV_VARIABLE


def _environments() -> list[str]:
    """The existing environments, for the shell's completion."""
    from config.files import environments_in

    return environments_in()


Env = Annotated[
    str,
    typer.Option(
        "--env",
        "-e",
        envvar=ENV_VARIABLE,
        help="An environment of config/.",
        autocompletion=_environments,
    ),
]
LaptopEnv = Annotated[
    str,
    typer.Option("--env", "-e", help="A laptop environment of config/.", autocompletion=_environments),
]
Connection = Annotated[
    str | None,
    typer.Option(
        "--connection",
        help="For an environment in an account: your connection to Snowflake (connections.toml).",
        show_default="your default one",
    ),
]
Role = Annotated[
    str | None, typer.Option("--role", help="Snowflake role to use; by default the connection's own.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

__all__ = ["DEFAULT_ENV", "AsJson", "Connection", "Env", "LaptopEnv", "Role"]
