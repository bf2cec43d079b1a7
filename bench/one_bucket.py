"""The smallest CDK app, for comparison: one stack, one bucket."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

app = cdk.App()
s3.Bucket(cdk.Stack(app, "One"), "Bucket")
app.synth()
