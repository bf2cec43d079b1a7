#!/usr/bin/env python3
"""CDK entry point: config → pipeline → review → templates."""

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from stacks.pipeline import pipeline_app

app = pipeline_app()
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
app.synth()
