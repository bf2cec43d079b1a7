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

from stacks.config import PipelineConfig
from stacks.config_files import load_config
from stacks.pipeline import build_pipeline
from tests.infrastructure.conftest import cdk_app, pipeline_config

VARIANTS: dict[str, PipelineConfig] = {
    "local": load_config("local"),
    "dev": load_config("dev"),
    "prod": load_config("prod"),
    "direct put": pipeline_config(streaming={"source": "direct_put"}),
    "customer keys": pipeline_config(
        storage={"encryption": "kms"}, streaming={"kinesis": {"encryption": "customer_key"}}
    ),
    "storage integration": pipeline_config(
        access={"mode": "storage_integration"}, storage={"encryption": "kms"}
    ),
    "pipelines": pipeline_config(ci={"project_path": "my-group/clickstream"}),
    "no region": pipeline_config(account="", region=""),
    "sample producer": pipeline_config(sample_producer={"enabled": True}),
    "sample producer by direct put": pipeline_config(
        sample_producer={"enabled": True}, streaming={"source": "direct_put"}, account="", region=""
    ),
    "sample producer in a given network": pipeline_config(
        sample_producer={
            "enabled": True,
            "vpc_id": "vpc-0123456789abcdef0",
            "subnet_id": "subnet-0123456789abcdef0",
        },
        streaming={"kinesis": {"encryption": "customer_key"}},
        production=True,
    ),
}


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
