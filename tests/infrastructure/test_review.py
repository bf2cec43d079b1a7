"""The security review: nothing unacknowledged, in every environment and with every option; `make nag` asks for more."""

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


def test_what_may_lose_data_is_reviewed_too(synthesized: Callable[..., Pipeline]) -> None:
    assert synthesized(_context={"allow_data_loss": "true"}).findings == frozenset()


def test_every_acknowledgment_has_a_reason(variant: Callable[[str], Pipeline]) -> None:
    acknowledged = {one for name in VARIANTS for one in variant(name).acknowledged}
    assert acknowledged
    assert [one for one in acknowledged if len(one.reason.strip()) < 40] == []


def test_the_review_can_fail(tmp_path: Path) -> None:
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
