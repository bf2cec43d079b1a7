"""Deploys what was reviewed."""

from __future__ import annotations

from typing import Annotated

import typer

from ci.assembly import CDK_OUT, AppOption, Assembly
from ci.cdk import run_cdk
from ci.env import check_change
from ci.login import logged_in
from ci.surroundings import Surroundings
from config.files import load_config


def deploy(name: Annotated[str, typer.Argument(help="The environment.")], app: AppOption = CDK_OUT) -> None:
    """Deploy the templates in cdk.out/ as they are; nothing is made anew.

    A person is asked before permissions grow. In a pipeline the review came before, and a production environment is deployed
    by a job that somebody starts.
    """
    config, around = load_config(name, chosen_with="ENV=…"), Surroundings()
    if around.in_pipeline:
        check_change(config, around, by_hand=config.production)
    assembly = Assembly.read(config, app)
    # The CLI asks one question at a time.
    approval = ["never", "--concurrency", "4"] if around.in_pipeline else ["broadening"]
    with logged_in(config, "deploy", around) as environment:
        run_cdk(
            "deploy",
            [
                *assembly.templates,
                "--app",
                str(assembly.folder),
                "--progress",
                "events",
                "--require-approval",
                *approval,
            ],
            environment=environment,
        )
