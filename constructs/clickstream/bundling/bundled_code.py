"""Bundles as assets of a stack, built only when something changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from clickstream.bundling.bundle import BundleTarget, build_bundle, source_hash

_NOT_BUILT = ["__pycache__"]  # left out of the folder that stands for a bundle nobody needs


def bundled_code(
    scope: Construct, *, packages: Sequence[Path], target: BundleTarget, cache: Path
) -> lambda_.Code:
    """Package folders and what their requirements.txt lock, as the code of one or more Lambdas.

    The asset's hash is that of the sources, the lock files and the target: the same on every machine, and a bundle
    that is in `cache` already is not built again. Where the CLI needs no assets (`cdk ls`, `cdk destroy`) and in
    tests (context `aws:cdk:bundling-stacks: []`), nothing is built at all.

    Args:
        scope: any construct of the stack that uses the code.
        packages: the importable folders; one of them or more holds a requirements.txt with hashes.
        target: what the wheels must fit.
        cache: folder for finished bundles.

    Raises:
        RuntimeError: pip could not install the dependencies.
    """
    digest = source_hash(packages, target)
    source = _source(scope, packages, target, cache, digest)
    return lambda_.Code.from_asset(str(source), asset_hash=digest, exclude=_NOT_BUILT)


def bundled_asset(
    scope: Construct, construct_id: str, *, packages: Sequence[Path], target: BundleTarget, cache: Path
) -> s3_assets.Asset:
    """The same for something that fetches its code from S3 by itself; arguments as for `bundled_code`."""
    digest = source_hash(packages, target)
    source = _source(scope, packages, target, cache, digest)
    return s3_assets.Asset(scope, construct_id, path=str(source), asset_hash=digest, exclude=_NOT_BUILT)


def _source(
    scope: Construct, packages: Sequence[Path], target: BundleTarget, cache: Path, digest: str
) -> Path:
    if not cdk.Stack.of(scope).bundling_required:
        return packages[0]
    archive = cache / f"{packages[0].name}-{digest[:16]}.zip"
    if not archive.exists():
        build_bundle(packages, target, archive)
    return archive
