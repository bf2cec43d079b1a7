"""The security review of every environment and option has no open finding; `make nag` applies more rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import aws_cdk as cdk
import cdk_nag
import pytest
from aws_cdk import aws_s3 as s3

from clickstream.review import acknowledge
from tests.infrastructure.review import findings_in
from tests.infrastructure.synthesis import Pipeline, cdk_app, pipeline_config
from tests.infrastructure.variants import VARIANTS


@pytest.mark.parametrize("name", VARIANTS)
def test_every_finding_is_fixed_or_acknowledged(name: str, variant: Callable[[str], Pipeline]) -> None:
    assert variant(name).findings == frozenset()


def test_stacks_that_may_lose_data_are_reviewed_too(synthesized: Callable[..., Pipeline]) -> None:
    assert synthesized(_context={"allow_data_loss": "true"}).findings == frozenset()


def test_every_acknowledgment_has_a_reason(variant: Callable[[str], Pipeline]) -> None:
    acknowledged = {one for name in VARIANTS for one in variant(name).acknowledged}
    assert acknowledged
    assert [one for one in acknowledged if len(one.reason.strip()) < 40] == []


def test_the_review_detects_a_finding(tmp_path: Path) -> None:
    app = cdk_app(tmp_path)
    bucket = s3.Bucket(cdk.Stack(app, "Careless"), "Bucket")
    acknowledge(bucket, "AwsSolutions-S1", reason="Says nothing of TLS, and so hides nothing else.")
    cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    rules = {
        found.rule
        for found in findings_in(tmp_path, pipeline_config())
        if found.path == "Careless/Bucket/Resource"
    }
    assert rules == {"AwsSolutions-S10"}
