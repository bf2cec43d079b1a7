"""Whole pipelines, synthesized with the security review once per run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aws_cdk as cdk
import cdk_nag

from config import ROOT
from config.model import PipelineConfig
from stacks.pipeline import build_pipeline
from tests.infrastructure.review import Acknowledged, Finding, acknowledged_in, findings_in

ACCOUNT, REGION = "111122223333", "eu-central-1"
Template = dict[str, Any]


def pipeline_config(**overrides: Any) -> PipelineConfig:
    """A complete config of a test environment; `overrides` replace whole sections."""
    values: dict[str, Any] = {
        "env": "test",
        "account": ACCOUNT,
        "region": REGION,
        "production": False,
        "snowflake": {"account": "myorg-myaccount"},
        "ops": {"critical": {"emails": ["oncall@example.com"]}},
    }
    return PipelineConfig.model_validate({**values, **overrides})


def cdk_app(outdir: Path, *, validates: bool = True, **context: Any) -> cdk.App:
    """An app with the flags of cdk.json, as the CLI passes them; Lambda bundles are not built.

    Args:
        outdir: the folder of the templates.
        validates: whether the CDK checks them against CloudFormation's schemas; the first such check in a process takes
            seconds.
        context: more flags.
    """
    flags: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return cdk.App(
        context={**flags, "aws:cdk:bundling-stacks": [], **context},
        outdir=str(outdir),
        builtin_cloud_formation_validation=validates,
        analytics_reporting=False,
        stack_traces=False,
    )


@dataclass(frozen=True)
class Pipeline:
    """The synthesized stacks of one deployment, by their last name, e.g. `Storage`.

    Attributes:
        stacks: their templates.
        dependencies: the stacks that each one depends on.
        protected: the stacks with termination protection.
        lookups: context that the CDK would have to look up in the account.
        findings: findings of the security review that are not acknowledged.
        acknowledged: the acknowledgments of the review.
    """

    stacks: Mapping[str, Template]
    dependencies: Mapping[str, set[str]]
    protected: frozenset[str] = field(default_factory=frozenset)
    lookups: Sequence[object] = ()
    findings: frozenset[Finding] = field(default_factory=frozenset)
    acknowledged: frozenset[Acknowledged] = field(default_factory=frozenset)

    def resources(self, stack: str, resource_type: str) -> dict[str, Any]:
        """A stack's resources of one type, by logical id."""
        found: dict[str, Any] = self.stacks[stack]["Resources"]
        return {name: resource for name, resource in found.items() if resource["Type"] == resource_type}

    def resource(self, stack: str, resource_type: str) -> dict[str, Any]:
        """A stack's only resource of one type."""
        (only,) = self.resources(stack, resource_type).values()
        return dict(only)

    def properties(self, stack: str, resource_type: str) -> dict[str, Any]:
        """The properties of a stack's only resource of one type."""
        return dict(self.resource(stack, resource_type)["Properties"])

    def referred(self, stack: str, value: Any) -> tuple[str, str]:
        """Resolve a reference in a template of `stack` to the stack and logical id of the resource.

        Raises:
            LookupError: no template has the resource.
        """
        if name := value.get("Fn::ImportValue"):
            for other, template in self.stacks.items():
                for output in template.get("Outputs", {}).values():
                    if output.get("Export", {}).get("Name") == name:
                        return self.referred(other, output["Value"])
        if weak := value.get("Fn::GetStackOutput"):
            other = _last(weak["StackName"])
            return self.referred(other, self.stacks[other]["Outputs"][weak["OutputName"]]["Value"])
        logical_id = value.get("Ref") or value.get("Fn::GetAtt", [None])[0]
        if logical_id not in self.stacks[stack]["Resources"]:
            raise LookupError(f"{stack} refers to {value}, which no template has")
        return stack, logical_id

    def type_referred(self, stack: str, value: Any) -> str:
        """The type of the resource that a value refers to."""
        owner, logical_id = self.referred(stack, value)
        return str(self.stacks[owner]["Resources"][logical_id]["Type"])


def synthesize(outdir: Path, config: PipelineConfig, **context: Any) -> Pipeline:
    """Build a pipeline and synthesize it as app.py does, including the review."""
    app = cdk_app(outdir, **context)
    build_pipeline(app, config)
    cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
    try:
        app.synth()
    except RuntimeError:
        if not findings_in(outdir, config):
            raise
    return _read(outdir, findings=findings_in(outdir, config), acknowledged=acknowledged_in(outdir, config))


def templates_of(outdir: Path, config: PipelineConfig, **context: Any) -> Pipeline:
    """Build a pipeline and synthesize it without review, checks and metadata, in a fifth of the time."""
    app = cdk_app(
        outdir, validates=False, **{"@aws-cdk/core:enableAdditionalMetadataCollection": False}, **context
    )
    build_pipeline(app, config)
    app.synth()
    return _read(outdir)


def _read(outdir: Path, **review: Any) -> Pipeline:
    manifest = json.loads((outdir / "manifest.json").read_text())
    stacks = {
        _last(name): artifact
        for name, artifact in manifest["artifacts"].items()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    return Pipeline(
        stacks={
            name: json.loads((outdir / artifact["properties"]["templateFile"]).read_text())
            for name, artifact in stacks.items()
        },
        dependencies={
            name: {_last(needed) for needed in artifact["dependencies"] if not needed.endswith(".assets")}
            for name, artifact in stacks.items()
        },
        protected=frozenset(
            name for name, artifact in stacks.items() if artifact["properties"]["terminationProtection"]
        ),
        lookups=manifest.get("missing", []),
        **review,
    )


def _last(stack_name: str) -> str:
    return stack_name.rsplit("-", 1)[-1]


class Syntheses:
    """Each pipeline once: the tests of this folder run in one process (see tests/conftest.py)."""

    def __init__(self) -> None:
        self._synthesized = cache(self._synthesize)

    def pipeline(self, config: PipelineConfig, **context: Any) -> Pipeline:
        """The pipeline of one config."""
        return self._synthesized(config.model_dump_json(by_alias=True), json.dumps(context, sort_keys=True))

    def _synthesize(self, config_json: str, context_json: str) -> Pipeline:
        config = PipelineConfig.model_validate_json(config_json)
        with TemporaryDirectory() as outdir:
            return synthesize(Path(outdir), config, **json.loads(context_json))
