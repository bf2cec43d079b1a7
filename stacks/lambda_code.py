"""The code that all Lambdas of the app run: one bundle, built and uploaded once, with a handler for each."""

from __future__ import annotations

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from clickstream import BundleTarget, bundled_code
from config import ROOT
from config.model import PipelineConfig

_PACKAGES = ("snowflake_setup", "pipeline_monitor")


def lambda_code(scope: Construct, config: PipelineConfig) -> lambda_.Code:
    """The bundle as code of a function of `scope`'s stack; every stack refers to the same asset."""
    target = (
        BundleTarget.this_machine()
        if config.laptop
        else BundleTarget.aws(python="3.14", architecture=config.lambda_.architecture)
    )
    return bundled_code(
        scope,
        packages=[ROOT / package for package in _PACKAGES],
        target=target,
        cache=ROOT / "build" / "lambda",
    )


def lambda_architecture(config: PipelineConfig) -> lambda_.Architecture:
    """The processor that the bundle was built for."""
    return {"arm64": lambda_.Architecture.ARM_64, "x86_64": lambda_.Architecture.X86_64}[
        config.lambda_.architecture
    ]
