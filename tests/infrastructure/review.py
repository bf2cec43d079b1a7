"""The security review of one pipeline: what five packs of rules find, and what was acknowledged."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import aws_cdk as cdk
import cdk_nag

from config.model import PipelineConfig
from stacks.pipeline import build_pipeline
from tests.infrastructure.conftest import cdk_app

PACKS = (
    cdk_nag.AwsSolutionsChecks,
    cdk_nag.NIST80053R5Checks,
    cdk_nag.HIPAASecurityChecks,
    cdk_nag.PCIDSS321Checks,
    cdk_nag.ServerlessChecks,
)
_ANNOTATION = "Annotation::"
_ACKNOWLEDGED = cdk.Validations.ACKNOWLEDGED_RULES_METADATA_KEY


@dataclass(frozen=True, order=True)
class Finding:
    """One rule that one construct does not keep."""

    rule: str
    path: str


@dataclass(frozen=True, order=True)
class Acknowledged:
    """One rule that a construct, and what is below it, need not keep."""

    rule: str
    path: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Whether the review leaves this finding out for it."""
        return self.rule == finding.rule and f"{finding.path}/".startswith(f"{self.path}/")


@dataclass(frozen=True)
class Review:
    """What the review of a pipeline lets pass.

    Attributes:
        unanswered: what it finds.
        acknowledged: what it was told.
        findings: what it would find had nobody told it anything.
    """

    unanswered: frozenset[Finding]
    acknowledged: frozenset[Acknowledged]
    findings: frozenset[Finding]


def findings(app: cdk.App) -> list[Finding]:
    """Synthesize under review; what is found and not acknowledged."""
    cdk.Validations.of(app).add_plugins(*(pack(app) for pack in PACKS))
    with contextlib.suppress(RuntimeError):  # synthesis fails on findings; the report says which
        app.synth()
    report: dict[str, Any] = json.loads(Path(app.outdir, "validation-report.json").read_text())
    return [
        Finding(_qualified(plugin["pluginName"], violation["ruleName"]), construct["constructPath"])
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    ]


def review(config: PipelineConfig, **context: str) -> Review:
    """Review one pipeline twice: as it is, and deaf to acknowledgments."""
    with TemporaryDirectory() as heard, TemporaryDirectory() as deaf:
        app = cdk_app(Path(heard), **context)
        build_pipeline(app, config)
        unanswered = frozenset(findings(app))
        acknowledged = frozenset(_acknowledged(Path(heard), config))
        with patch.object(cdk.Validations, "acknowledge", lambda *_: None):
            app = cdk_app(Path(deaf), **context)
            build_pipeline(app, config)
            found = findings(app)
        return Review(
            unanswered,
            acknowledged,
            frozenset(Finding(_anywhere(one.rule, config), _anywhere(one.path, config)) for one in found),
        )


def _acknowledged(assembly: Path, config: PipelineConfig) -> Iterator[Acknowledged]:
    for stack in assembly.glob("*.metadata.json"):
        entries: Mapping[str, list[dict[str, Any]]] = json.loads(stack.read_text())
        for path, recorded in entries.items():
            for entry in recorded:
                if entry["type"] == _ACKNOWLEDGED:
                    for rule, reason in entry["data"].items():
                        yield Acknowledged(
                            _anywhere(rule.removeprefix(_ANNOTATION), config),
                            _anywhere(path.lstrip("/"), config),
                            reason,
                        )


def _qualified(plugin: str, rule: str) -> str:
    """A rule as an acknowledgment names it: those about templates with where they come from."""
    rule = rule.removeprefix(_ANNOTATION)
    return f"CloudFormation-Validate::{rule}" if plugin == "CloudFormation Validate" else rule


def _anywhere(text: str, config: PipelineConfig) -> str:
    """A name without what differs from one deployment to the next."""
    text = text.replace(config.prefix, "<pipeline>")
    for value, name in ((config.account, "<AWS::AccountId>"), (config.region, "<AWS::Region>")):
        text = text.replace(value, name) if value else text
    return text
