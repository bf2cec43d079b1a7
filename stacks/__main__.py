"""Templates without the security review, for what deploys nothing: `cdk synth --app "python -m stacks"`."""

from __future__ import annotations

import sys

import aws_cdk as cdk

from config.choice import chosen_env
from config.files import load_config
from stacks.pipeline import build_pipeline

app = cdk.App()
try:
    build_pipeline(app, load_config(chosen_env(app.node.get_all_context())))
except ValueError as error:  # a mistake of the person at the keyboard, not of the program
    sys.exit(str(error))
app.synth()
