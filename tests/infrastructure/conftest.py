"""Templates of whole pipelines, synthesized once a variant."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from config.model import PipelineConfig
from stacks.pipeline import build_pipeline

ROOT = Path(__file__).parents[2]
ACCOUNT, REGION = "111122223333", "eu-central-1"
Template = dict[str, Any]


def pipeline_config(**overrides: Any) -> PipelineConfig:
    """A complete config of an environment that no file has; `overrides` replace whole sections."""
    values: dict[str, Any] = {
        "env": "test",
        "account": ACCOUNT,
        "region": REGION,
        "production": False,
        "snowflake": {"account": "myorg-myaccount"},
        "ops": {"critical": {"emails": ["oncall@example.com"]}},
    }
    return PipelineConfig.model_validate({**values, **overrides})


def cdk_app(outdir: Path, **context: Any) -> cdk.App:
    """An app with the flags of cdk.json, as the CLI would give it; Lambda bundles are not built."""
    flags: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return cdk.App(
        context={**flags, "aws:cdk:bundling-stacks": [], **context},
        outdir=str(outdir),
        analytics_reporting=False,
    )


@dataclass(frozen=True)
class Pipeline:
    """The synthesized stacks of one deployment, by their last name, e.g. `Storage`."""

    stacks: Mapping[str, Template]
    dependencies: Mapping[str, set[str]]

    def resources(self, stack: str, resource_type: str) -> dict[str, Any]:
        """A stack's resources of one type, by logical id."""
        found: dict[str, Any] = self.stacks[stack]["Resources"]
        return {name: resource for name, resource in found.items() if resource["Type"] == resource_type}

    def resource(self, stack: str, resource_type: str) -> dict[str, Any]:
        """A stack's only resource of one type."""
        (only,) = self.resources(stack, resource_type).values()
        return dict(only)

    def referred(self, stack: str, value: Any) -> tuple[str, str]:
        """Which resource a value in a template of `stack` refers to: the stack that has it, and its logical id.

        Raises:
            LookupError: it refers to nothing that any of the templates has.
        """
        if name := value.get("Fn::ImportValue"):
            for other, template in self.stacks.items():
                for output in template.get("Outputs", {}).values():
                    if output.get("Export", {}).get("Name") == name:
                        return self.referred(other, output["Value"])
        logical_id = value.get("Ref") or value.get("Fn::GetAtt", [None])[0]
        if logical_id not in self.stacks[stack]["Resources"]:
            raise LookupError(f"{stack} refers to {value}, which no template has")
        return stack, logical_id

    def type_referred(self, stack: str, value: Any) -> str:
        """The type of the resource that a value refers to."""
        owner, logical_id = self.referred(stack, value)
        return str(self.stacks[owner]["Resources"][logical_id]["Type"])

    def properties(self, stack: str, resource_type: str) -> dict[str, Any]:
        """The properties of a stack's only resource of one type."""
        return dict(self.resource(stack, resource_type)["Properties"])


def synthesize(outdir: Path, config: PipelineConfig, **context: Any) -> Pipeline:
    """Build and synthesize a pipeline."""
    app = cdk_app(outdir, **context)
    build_pipeline(app, config)
    assembly = app.synth()
    return Pipeline(
        stacks={_last(stack.stack_name): stack.template for stack in assembly.stacks},
        dependencies={
            _last(stack.stack_name): {
                _last(needed.id) for needed in stack.dependencies if not needed.id.endswith(".assets")
            }
            for stack in assembly.stacks
        },
    )


def _last(stack_name: str) -> str:
    return stack_name.rsplit("-", 1)[-1]


@pytest.fixture(scope="session")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Pipeline]:
    """`synthesized(section={...}, _context=...)`: a pipeline, synthesized once a variant."""

    @cache
    def build(variant: str) -> Pipeline:
        arguments = json.loads(variant)
        context = arguments.pop("_context", {})
        return synthesize(tmp_path_factory.mktemp("cdk.out"), pipeline_config(**arguments), **context)

    return lambda **arguments: build(json.dumps(arguments, sort_keys=True))


@pytest.fixture(scope="session")
def pipeline(synthesized: Callable[..., Pipeline]) -> Pipeline:
    """The default pipeline: Kinesis in front, an IAM user for Snowpipe."""
    return synthesized()


@pytest.fixture(scope="session")
def variant(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Pipeline]:
    """`variant("direct put")`: one of the pipelines of `variants.py`, synthesized once."""
    from tests.infrastructure.variants import VARIANTS

    return cache(lambda name: synthesize(tmp_path_factory.mktemp("cdk.out"), VARIANTS[name]))
