"""Bundles of the pipeline's own code as assets of a stack, built only when something changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

import clickstream_wire
from clickstream.bundling.bundle import build_bundle, source_hash
from clickstream.bundling.target import Architecture, BundleTarget
from clickstream_wire.environment import CONTRACT_FILE

_CHECKOUT = Path(__file__).resolve().parents[3]
_IN_WHEEL = Path(__file__).resolve().parents[1] / "_sources"
_INSTALLED = _IN_WHEEL.exists()
_SOURCES = _IN_WHEEL if _INSTALLED else _CHECKOUT
_WIRE = Path(clickstream_wire.__file__).parent
FUNCTIONS = (_SOURCES / "snowflake_setup", _SOURCES / "pipeline_monitor", _WIRE)
GATE = (_SOURCES / "event_gate", _SOURCES / "contract", _WIRE)
PRODUCER = (_SOURCES / "producer", _SOURCES / "contract", _WIRE)
_NOT_BUILT = ["__pycache__"]  # left out of the folder used in place of a bundle that is not needed


@dataclass(frozen=True)
class FunctionCode:
    """A bundle of Lambda code, and the processor it was built for: one for the event gate, one for all other Lambdas.

    The sources and their lock files are part of this package, so constructs build it themselves unless given one.
    """

    code: lambda_.Code
    architecture: lambda_.Architecture

    @classmethod
    def bundled(
        cls, scope: Construct, architecture: Architecture = "arm64", *, this_machine: bool = False
    ) -> FunctionCode:
        """The bundle for the functions of one stack; all stacks refer to the same asset.

        Args:
            scope: any construct of the stack.
            architecture: the processor of the functions.
            this_machine: bundle wheels for this interpreter and processor instead; the laptop cloud needs that.

        Raises:
            RuntimeError: neither uv nor pip was found, or the dependencies could not be installed.
        """
        source, digest = _bundle(scope, FUNCTIONS, "lambda", architecture, this_machine)
        return cls._of(source, digest, architecture)

    @classmethod
    def gate(
        cls,
        scope: Construct,
        contract: Path,
        architecture: Architecture = "arm64",
        *,
        this_machine: bool = False,
    ) -> FunctionCode:
        """The bundle for an event gate, with the contract that it applies; otherwise as `bundled`."""
        files = {CONTRACT_FILE: contract}
        source, digest = _bundle(scope, GATE, "lambda", architecture, this_machine, files)
        return cls._of(source, digest, architecture)

    @classmethod
    def _of(cls, source: str, digest: str, architecture: Architecture) -> FunctionCode:
        given = lambda_.Architecture.ARM_64 if architecture == "arm64" else lambda_.Architecture.X86_64
        return cls(lambda_.Code.from_asset(source, asset_hash=digest, exclude=_NOT_BUILT), given)


def producer_code(
    scope: Construct, construct_id: str, architecture: Architecture, *, this_machine: bool = False
) -> s3_assets.Asset:
    """The sample producer's bundle, for an instance to fetch from S3; arguments as for `FunctionCode.bundled`."""
    source, digest = _bundle(scope, PRODUCER, "producer", architecture, this_machine)
    return s3_assets.Asset(scope, construct_id, path=source, asset_hash=digest, exclude=_NOT_BUILT)


def _bundle(
    scope: Construct,
    packages: tuple[Path, ...],
    folder: str,
    architecture: Architecture,
    this_machine: bool,
    files: Mapping[str, Path] | None = None,
) -> tuple[str, str]:
    """The bundle's path, and a hash of sources, lock files and target that is the same on every machine.

    Where the CLI needs no assets (`cdk ls`, `cdk destroy`) and in tests (context `aws:cdk:bundling-stacks: []`),
    nothing is built at all.
    """
    target = BundleTarget.this_machine() if this_machine else BundleTarget.aws(architecture)
    digest = source_hash(packages, target, files)
    if not cdk.Stack.of(scope).bundling_required:
        return str(packages[0]), digest
    archive = _archives(scope) / folder / f"{packages[0].name}-{digest[:16]}.zip"
    if not archive.exists():
        build_bundle(packages, target, archive, files)
    return str(archive), digest


def _archives(scope: Construct) -> Path:
    """The folder for bundles; never where packages are installed, which may be read-only."""
    if not _INSTALLED:
        return _CHECKOUT / "build"
    stage = cdk.Stage.of(scope)
    assert stage is not None  # every stack is in an app
    return Path(stage.asset_outdir, "bundles")
