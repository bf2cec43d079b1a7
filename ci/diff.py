"""Shows what a deployment would change."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import boto3
import typer

from ci.assembly import CDK_OUT, AppOption, Assembly, Template
from ci.before import deployed_templates, templates_of
from ci.cdk import cdk_output
from ci.env import check_branch
from ci.login import logged_in
from ci.surroundings import Surroundings
from cli.deployment import shell_region
from cli.output import CommandError
from config import ROOT
from config.files import load_config
from config.model import PipelineConfig

REPORT = ROOT / "reports" / "cdk-diff.txt"


def diff(
    name: Annotated[str, typer.Argument(help="The environment.")],
    base: Annotated[
        str, typer.Option(help="Compare with the templates of this commit instead of the deployed ones.")
    ] = "",
    app: AppOption = CDK_OUT,
    report: Annotated[Path, typer.Option(help="Where to keep it.", dir_okay=False)] = REPORT,
) -> None:
    """Show the difference between the templates in cdk.out/ and what is deployed, and keep it in a file.

    A merge request is compared with the branch that it wants to go into: what nobody reviewed yet gets into no account.
    """
    config, around = load_config(name, chosen_with="ENV=…"), Surroundings()
    if around.in_pipeline:
        check_branch(name, around)
    assembly = Assembly.read(config, app)
    if not base and around.in_pipeline and not config.ci.project_path:
        base = "HEAD^"  # no account to ask: what this commit changes is better than nothing
    before, what = _made_by(base, config, around) if base else _deployed(config, assembly, around)
    text = f"environment {name}, compared with {what}\n\n{difference(before, assembly)}"
    report.parent.mkdir(exist_ok=True)
    report.write_text(text, encoding="utf-8")
    print(text)


def difference(before: Mapping[str, Template], assembly: Assembly) -> str:
    """What `cdk diff` says of each stack, and which stacks are no longer there."""
    parts = [
        f"Stack {name}\nThere were no differences\n"
        if before.get(name) == template
        else _cdk_diff(name, before.get(name, {}), assembly.folder)
        for name, template in assembly.templates.items()
    ]
    parts += [
        f"Stack {name}\nis no longer part of the app; a deployment leaves it alone\n"
        for name in before.keys() - assembly.templates.keys()
    ]
    return "\n".join(parts)


def _made_by(commit: str, config: PipelineConfig, around: Surroundings) -> tuple[Mapping[str, Template], str]:
    try:
        return templates_of(commit, config, around.variables), f"commit {commit}"
    except CommandError as error:
        return {}, f"nothing, for commit {commit} makes no templates of it:\n{error}"


def _deployed(
    config: PipelineConfig, assembly: Assembly, around: Surroundings
) -> tuple[Mapping[str, Template], str]:
    with logged_in(config, "diff", around) as environment:
        os.environ.clear()  # boto3 takes its login from there, and this process does nothing else
        os.environ.update(environment)
        region = config.region or shell_region()
        if not region:
            raise CommandError(
                f"no region for environment {config.env}: set it in its config file, or AWS_REGION",
                exit_code=2,
            )
        where = f"account {config.account}" if config.account else "the account of your credentials"
        account = boto3.client("cloudformation", region_name=region)
        return deployed_templates(assembly.templates, account), f"what is deployed in {where}, {region}"


def _cdk_diff(stack: str, before: Template, app: Path) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "template.json")
        file.write_text(json.dumps(before))
        return cdk_output(
            "diff",
            [stack, "--app", str(app), "--exclusively", "--template", str(file)],
            environment=os.environ,
        )
