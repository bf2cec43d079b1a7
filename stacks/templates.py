"""Templates of several configs in one process, for `clickstream cost`: `python -m stacks.templates`.

Standard input is a JSON object: the folder of each config's templates, and the config. Lambda bundles are not built.
"""

from __future__ import annotations

import json
import sys

import aws_cdk as cdk

from config import ROOT
from config.model import PipelineConfig
from stacks.pipeline import build_pipeline


def main() -> None:
    """Synthesize each config, without review and checks."""
    flags = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    for folder, config in json.load(sys.stdin).items():
        app = cdk.App(
            context={**flags, "aws:cdk:bundling-stacks": []},
            outdir=folder,
            builtin_cloud_formation_validation=False,
            analytics_reporting=False,
            stack_traces=False,
        )
        build_pipeline(app, PipelineConfig.model_validate(config))
        app.synth()


if __name__ == "__main__":
    main()
