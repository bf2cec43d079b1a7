"""Takes an environment away again."""

from __future__ import annotations

from typing import Annotated

import typer

from ci.assembly import CDK_OUT, AppOption, Assembly
from ci.cdk import run_cdk
from ci.env import check_change
from ci.login import logged_in
from ci.surroundings import Surroundings
from cli.output import CommandError
from config.files import load_config
from config.model import PipelineConfig


def destroy(name: Annotated[str, typer.Argument(help="The environment.")], app: AppOption = CDK_OUT) -> None:
    """Delete the stacks of an environment that is not production. Events stay, unless both keys were turned (README)."""
    config, around = load_config(name, chosen_with="ENV=…"), Surroundings()
    if config.production:
        raise CommandError(
            f"environment {name} is a production environment (production = true in config/{name}.toml): no verb destroys it, and "
            "its stacks refuse to be deleted",
            exit_code=2,
        )
    assembly = Assembly.read(config, app)
    if around.in_pipeline:
        check_change(config, around, by_hand=True)
    else:
        _confirm(config, assembly)
    with logged_in(config, "deploy", around) as environment:
        run_cdk(
            "destroy",
            [*assembly.templates, "--app", str(assembly.folder), "--force"],
            environment=environment,
        )


def _confirm(config: PipelineConfig, assembly: Assembly) -> None:
    where = f"account {config.account}" if config.account else "the account of your credentials"
    print(f"This deletes the stacks {', '.join(assembly.templates)} in {where}.")
    if typer.prompt("Type the environment's name to go on", default="", show_default=False) != config.env:
        raise CommandError("that is not the environment's name; nothing was deleted")
