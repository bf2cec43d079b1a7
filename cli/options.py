"""Options that mean the same in every command."""

from __future__ import annotations

from typing import Annotated

import typer

Env = Annotated[str, typer.Option("--env", "-e", help="An environment of config/.")]
LaptopEnv = Annotated[str, typer.Option("--env", "-e", help="A laptop environment of config/.")]
Connection = Annotated[
    str | None,
    typer.Option(
        "--connection",
        help="Environments of an account: which of your connections to Snowflake (connections.toml).",
        show_default="your default one",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
