"""The whole security review, `make nag [PACKS=all]`: no open finding, and no acknowledgment without a finding.

PACKS=all adds the rule packs of general standards, whose accepted findings are listed in standards.toml.
"""

from __future__ import annotations

import os
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import aws_cdk as cdk
import cdk_nag
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from config.model import PipelineConfig
from stacks.pipeline import build_pipeline
from tests.infrastructure.review import Acknowledged, Finding, findings_in
from tests.infrastructure.synthesis import Syntheses, cdk_app, pipeline_config
from tests.infrastructure.variants import VARIANTS

STANDARDS = (
    cdk_nag.NIST80053R5Checks,
    cdk_nag.HIPAASecurityChecks,
    cdk_nag.PCIDSS321Checks,
    cdk_nag.ServerlessChecks,
)
PACKS = (cdk_nag.AwsSolutionsChecks, *(STANDARDS if os.environ.get("PACKS") == "all" else ()))
REVIEWED: dict[str, tuple[PipelineConfig, dict[str, Any]]] = {
    **{name: (config, {}) for name, config in VARIANTS.items()},
    "may lose data": (pipeline_config(), {"allow_data_loss": "true"}),
}


@dataclass(frozen=True)
class Acceptance:
    """A rule of the general standards that some resources may break, with the reason."""

    rule: str
    places: tuple[str, ...]
    reason: str

    def covers(self, finding: Finding) -> bool:
        """True if this accepts the finding, in any pack."""
        place = finding.path.removeprefix("<pipeline>-")
        return finding.rule.endswith(f"-{self.rule}") and any(
            fnmatchcase(place, pattern) for pattern in self.places
        )


def acceptances() -> list[Acceptance]:
    found = tomllib.loads(Path(__file__).with_name("standards.toml").read_text(encoding="utf-8"))
    return [Acceptance(one["rule"], tuple(one["places"]), one["reason"]) for one in found["accepted"]]


@cache
def findings(name: str) -> frozenset[Finding]:
    """Findings of the packs in one pipeline with nothing acknowledged."""
    config, context = REVIEWED[name]
    with (
        TemporaryDirectory() as outdir,
        patch.object(cdk.Validations, "acknowledge", lambda *_: None),
    ):
        app = cdk_app(Path(outdir), **context)
        build_pipeline(app, config)
        return under_review(app, config)


def under_review(app: cdk.App, config: PipelineConfig) -> frozenset[Finding]:
    """Synthesize with every pack."""
    cdk.Validations.of(app).add_plugins(*(pack(app) for pack in PACKS))
    with suppress(RuntimeError):  # synthesis fails on findings; the report says which
        app.synth()
    return findings_in(Path(app.outdir), config)


def everything() -> frozenset[Finding]:
    return frozenset().union(*map(findings, REVIEWED))


@pytest.fixture(scope="module")
def acknowledged(syntheses: Syntheses) -> frozenset[Acknowledged]:
    found = (syntheses.pipeline(config, **context).acknowledged for config, context in REVIEWED.values())
    return frozenset().union(*found)


@pytest.mark.parametrize("name", REVIEWED)
def test_every_finding_is_acknowledged_or_accepted(name: str, acknowledged: frozenset[Acknowledged]) -> None:
    answers: list[Acknowledged | Acceptance] = [*acknowledged, *acceptances()]
    assert [one for one in findings(name) if not any(answer.covers(one) for answer in answers)] == []


def test_every_acknowledgment_has_a_finding(acknowledged: frozenset[Acknowledged]) -> None:
    assert [one for one in acknowledged if not any(map(one.covers, everything()))] == []


def test_rules_with_named_findings_are_acknowledged_by_finding(
    acknowledged: frozenset[Acknowledged],
) -> None:
    detailed = {one.rule.partition("[")[0] for one in everything() if "[" in one.rule}
    assert [one for one in acknowledged if one.rule in detailed] == []


def test_acknowledgments_are_on_resources_not_on_stacks(acknowledged: frozenset[Acknowledged]) -> None:
    of_stacks = [one for one in acknowledged if "/" not in one.path]
    assert [
        one for one in of_stacks if any(one.covers(found) and "/" in found.path for found in everything())
    ] == []


@pytest.mark.skipif(len(PACKS) == 1, reason="needs PACKS=all: the general standards")
@pytest.mark.parametrize("accepted", acceptances(), ids=lambda one: f"{one.rule} {one.places[0]}")
def test_every_acceptance_has_a_finding_and_a_reason(accepted: Acceptance) -> None:
    assert any(map(accepted.covers, everything()))
    assert len(accepted.reason) >= 40


def test_every_pack_has_findings(tmp_path: Path) -> None:
    app = cdk_app(tmp_path)
    stack = cdk.Stack(app, "Careless")
    s3.Bucket(stack, "Bucket")
    sqs.CfnQueue(stack, "Queue")
    rules = {found.rule for found in under_review(app, pipeline_config())}
    expected = ["AwsSolutions-S10"]
    if len(PACKS) > 1:
        expected += [
            f"{pack}-S3BucketSSLRequestsOnly" for pack in ("NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321")
        ]
        expected += ["Serverless-SQSRedrivePolicy"]
    assert rules >= set(expected)
