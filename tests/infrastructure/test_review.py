"""The security review: nothing unacknowledged, in every stage and with every option."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

from stacks.pipeline import build_pipeline
from tests.infrastructure.conftest import cdk_app, pipeline_config
from tests.infrastructure.variants import VARIANTS


def findings(app: cdk.App) -> list[tuple[str, str]]:
    """Synthesize under review; the unacknowledged findings with their constructs."""
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with contextlib.suppress(RuntimeError):  # synthesis fails on findings; the report says which
        app.synth()
    report: dict[str, Any] = json.loads(Path(app.outdir, "validation-report.json").read_text())
    return [
        (violation["ruleName"], construct["constructPath"])
        for plugin in report["pluginReports"]
        if plugin["pluginName"] != "CloudFormation Validate"
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    ]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_finding_is_fixed_or_acknowledged(variant: str, tmp_path: Path) -> None:
    app = cdk_app(tmp_path)
    build_pipeline(app, VARIANTS[variant])
    assert findings(app) == []


def test_a_deployment_that_may_lose_data_is_reviewed_too(tmp_path: Path) -> None:
    app = cdk_app(tmp_path, allow_data_loss="true")
    build_pipeline(app, pipeline_config())
    assert findings(app) == []


def test_the_review_can_fail(tmp_path: Path) -> None:
    app = cdk_app(tmp_path)
    build_pipeline(app, pipeline_config())
    s3.Bucket(cdk.Stack(app, "Careless"), "Bucket")
    assert ("AwsSolutions-S10", "Careless/Bucket/Resource") in findings(app)
