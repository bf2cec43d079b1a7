#!/usr/bin/env python3
"""CDK entry point: config → pipeline → review → templates."""

import gc
import sys

# This is one short run, which keeps what it makes: to look for garbage among the CDK's many classes, while they are
# imported and once more at the end, would take a sixth of it.
gc.disable()

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from config.choice import chosen_env
from config.files import load_config
from stacks.pipeline import build_pipeline

app = cdk.App()
try:
    build_pipeline(app, load_config(chosen_env(app.node.get_all_context())))
except ValueError as error:  # a mistake of the person at the keyboard, not of the program
    sys.exit(str(error))
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
app.synth()
gc.freeze()
