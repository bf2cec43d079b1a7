"""Options that mean the same in every command."""

from __future__ import annotations

from typing import Annotated

import typer

Stage = Annotated[str, typer.Option("--stage", "-s", help="A stage of config/.")]
LaptopStage = Annotated[str, typer.Option("--stage", "-s", help="A laptop stage of config/.")]
Connection = Annotated[
    str | None,
    typer.Option(
        "--connection",
        help="Stages of an account: which of your connections to Snowflake (connections.toml).",
        show_default="your default one",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
