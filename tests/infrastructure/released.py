"""The templates of the last release, masked: what CloudFormation's rules for updates look at, and no more.

`python -m tests.infrastructure.released` renews them; CONTRIBUTING.md says when.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cli.plan.refusals import imports, replacing_properties
from clickstream_wire.resources import OWNER_ROLE
from config.files import load_config
from config.model import PipelineConfig
from tests.infrastructure.synthesis import Pipeline, Template, pipeline_config, templates_of
from tests.infrastructure.variants import ORDERS

Stacks = dict[str, Template]
"""Masked templates by the names of their stacks, in the order of deployment."""

FOLDER = Path(__file__).parent / "released"
_EVERYTHING = {
    "more_events": [ORDERS],
    "storage": {"encryption": "kms"},
    "streaming": {"kinesis": {"encryption": "customer_key"}},
    "sample_producer": {"enabled": True},
    "ci": {"project_path": "my-group/clickstream"},
}
ENVIRONMENTS: Mapping[str, PipelineConfig] = {
    "dev": load_config("dev"),
    "prod": load_config("prod"),
    "everything": pipeline_config(**_EVERYTHING),
    "direct-put": pipeline_config(more_events=[ORDERS], streaming={"source": "direct_put"}),
}
# A custom resource with another service token, name or location is another one; one of another role is not seen.
_KEPT = {"ShardCount", "ServiceToken", "Database", "Schema", "Name", "Url", OWNER_ROLE}


def released(name: str) -> Stacks:
    """The masked templates of an environment, by stack."""
    stacks: Stacks = json.loads((FOLDER / f"{name}.json").read_text())
    return stacks


def masked(pipeline: Pipeline) -> Stacks:
    """The masked templates, in the order of deployment."""
    order = TopologicalSorter(pipeline.dependencies).static_order()
    return {stack: _masked(pipeline.stacks[stack]) for stack in order}


def today(name: str) -> Stacks:
    """The masked templates of the same environment as they are now."""
    with TemporaryDirectory() as folder:
        return masked(templates_of(Path(folder), ENVIRONMENTS[name]))


def _masked(template: Template) -> Template:
    return {
        "Resources": {name: _resource(resource) for name, resource in sorted(template["Resources"].items())},
        "Outputs": {
            name: {"Value": output["Value"], "Export": output["Export"]}
            for name, output in sorted(template.get("Outputs", {}).items())
            if "Export" in output
        },
        "Imports": [{"Fn::ImportValue": name} for name in sorted(imports(template))],
        "WeakImports": sorted(_weak_imports(template)),
    }


def _weak_imports(value: Any) -> set[str]:
    match value:
        case {"Fn::GetStackOutput": {"OutputName": str(name)}}:
            return {name}
        case dict():
            return _weak_imports(list(value.values()))
        case list():
            return {name for part in value for name in _weak_imports(part)}
    return set()


def _resource(resource: Template) -> Template:
    kept = _KEPT | replacing_properties(resource["Type"])
    properties = {name: value for name, value in resource.get("Properties", {}).items() if name in kept}
    return {"Type": resource["Type"], "Properties": properties}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for environment in ENVIRONMENTS:
        text = json.dumps(today(environment), indent=1)
        (FOLDER / f"{environment}.json").write_text(text + "\n")
