"""Bundles of the pipeline's own code as assets of a stack, built only when something changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from clickstream.bundling.bundle import Architecture, BundleTarget, build_bundle, source_hash

_ROOT = Path(__file__).resolve().parents[3]
_FUNCTIONS = ("snowflake_setup", "pipeline_monitor", "clickstream_wire")
_PRODUCER = ("producer", "contract", "clickstream_wire")
_NOT_BUILT = ["__pycache__"]  # left out of the folder that stands for a bundle nobody needs


@dataclass(frozen=True)
class FunctionCode:
    """One bundle for all Lambdas of the pipeline, and the processor that it was made for."""

    code: lambda_.Code
    architecture: lambda_.Architecture

    @classmethod
    def bundled(
        cls, scope: Construct, architecture: Architecture = "arm64", *, this_machine: bool = False
    ) -> FunctionCode:
        """The bundle for the functions of one stack; every stack refers to the same asset.

        Args:
            scope: any construct of the stack.
            architecture: the processor that the functions are given.
            this_machine: bundle wheels for the interpreter and processor at hand instead, as the laptop needs them.

        Raises:
            RuntimeError: uv could not install the dependencies.
        """
        source, digest = _bundle(scope, _FUNCTIONS, "lambda", architecture, this_machine)
        given = lambda_.Architecture.ARM_64 if architecture == "arm64" else lambda_.Architecture.X86_64
        return cls(lambda_.Code.from_asset(source, asset_hash=digest, exclude=_NOT_BUILT), given)


def producer_code(
    scope: Construct, construct_id: str, architecture: Architecture, *, this_machine: bool = False
) -> s3_assets.Asset:
    """The sample producer's bundle, for an instance to fetch from S3; arguments as for `FunctionCode.bundled`."""
    source, digest = _bundle(scope, _PRODUCER, "producer", architecture, this_machine)
    return s3_assets.Asset(scope, construct_id, path=source, asset_hash=digest, exclude=_NOT_BUILT)


def _bundle(
    scope: Construct, names: tuple[str, ...], folder: str, architecture: Architecture, this_machine: bool
) -> tuple[str, str]:
    """The bundle's path and its hash: that of sources, lock files and target, the same on every machine.

    Where the CLI needs no assets (`cdk ls`, `cdk destroy`) and in tests (context `aws:cdk:bundling-stacks: []`),
    nothing is built at all.
    """
    target = BundleTarget.this_machine() if this_machine else BundleTarget.aws(architecture)
    packages = [_ROOT / name for name in names]
    digest = source_hash(packages, target)
    if not cdk.Stack.of(scope).bundling_required:
        return str(packages[0]), digest
    archive = _ROOT / "build" / folder / f"{packages[0].name}-{digest[:16]}.zip"
    if not archive.exists():
        build_bundle(packages, target, archive)
    return str(archive), digest
