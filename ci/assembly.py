"""The templates that were reviewed: what `make synth` left in cdk.out/."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.output import CommandError, shown
from config import ROOT
from config.model import PipelineConfig

CDK_OUT = ROOT / "cdk.out"
Template = dict[str, Any]
AppOption = Annotated[Path, typer.Option(help="Where the templates are.", file_okay=False)]


@dataclass(frozen=True)
class Assembly:
    """The stacks of one environment, ready to be deployed.

    Args:
        folder: what the CDK CLI takes as its app.
        templates: each stack's, in the order of the app.
    """

    folder: Path
    templates: Mapping[str, Template]

    @classmethod
    def read(cls, config: PipelineConfig, folder: Path) -> Assembly:
        """What was synthesized for an environment, without the stack that decides what pipelines may do.

        Raises:
            CommandError: nothing was, or it is another environment's.
        """
        advice = f"make synth ENV={config.env}"
        try:
            manifest = json.loads((folder / "manifest.json").read_text())
        except FileNotFoundError:
            raise CommandError(
                f"there are no templates in {shown(folder)}/; run: {advice}", exit_code=2
            ) from None
        stacks = {
            artifact.get("properties", {}).get("stackName", name): artifact["properties"]
            for name, artifact in manifest["artifacts"].items()
            if artifact["type"] == "aws:cloudformation:stack"
        }
        if others := {stack["tags"]["env"] for stack in stacks.values()} - {config.env}:
            raise CommandError(
                f"{shown(folder)}/ holds environment {', '.join(sorted(others))}, not {config.env}; run: {advice}",
                exit_code=2,
            )
        return cls(
            folder,
            {
                name: json.loads((folder / stack["templateFile"]).read_text())
                for name, stack in stacks.items()
                if name != config.names.stack("Ci")
            },
        )
