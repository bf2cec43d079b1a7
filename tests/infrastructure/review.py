"""The security review of one pipeline: cdk-nag's findings, and the acknowledged ones."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from config.model import PipelineConfig

_ANNOTATION = "Annotation::"
_ACKNOWLEDGED = cdk.Validations.ACKNOWLEDGED_RULES_METADATA_KEY


@dataclass(frozen=True, order=True)
class Finding:
    """One rule that one construct breaks."""

    rule: str
    path: str


@dataclass(frozen=True, order=True)
class Acknowledged:
    """One rule that a construct and its children may break."""

    rule: str
    path: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        """True if the review omits this finding because of it."""
        return self.rule == finding.rule and f"{finding.path}/".startswith(f"{self.path}/")


def findings_in(assembly: Path, config: PipelineConfig) -> frozenset[Finding]:
    """Findings in a synthesized pipeline, without the acknowledged ones."""
    report: dict[str, Any] = json.loads((assembly / "validation-report.json").read_text())
    return frozenset(
        Finding(
            _anywhere(_qualified(plugin["pluginName"], violation["ruleName"]), config),
            _anywhere(construct["constructPath"], config),
        )
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    )


def acknowledged_in(assembly: Path, config: PipelineConfig) -> frozenset[Acknowledged]:
    """The acknowledgments in a synthesized pipeline."""
    return frozenset(_acknowledged(assembly, config))


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
    """A rule as an acknowledgment names it; rules about templates have their source as a prefix."""
    rule = rule.removeprefix(_ANNOTATION)
    return f"CloudFormation-Validate::{rule}" if plugin == "CloudFormation Validate" else rule


def _anywhere(text: str, config: PipelineConfig) -> str:
    """A name without the parts that differ between deployments."""
    text = text.replace(config.prefix, "<pipeline>")
    for value, name in ((config.account, "<AWS::AccountId>"), (config.region, "<AWS::Region>")):
        text = text.replace(value, name) if value else text
    return text
