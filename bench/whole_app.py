"""Our whole app as `cdk synth` runs it, but for the security review."""

from __future__ import annotations

import gc

gc.disable()

import aws_cdk as cdk

from config.files import load_config
from stacks.pipeline import build_pipeline

app = cdk.App()
build_pipeline(app, load_config("dev"))
app.synth()
gc.freeze()
