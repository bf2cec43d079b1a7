"""The Snowflake resources of an environment: as the templates here want them, and as they are deployed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from cli.output import CommandError
from cli.plan.values import Values

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

Template = dict[str, Any]
_OURS = "Custom::Snowflake"
# Of a template for any account; has to look like one.
_UNKNOWN_ACCOUNT = "000000000000"


@dataclass(frozen=True, kw_only=True)
class PlannedResource:
    """One custom resource, with properties as the Lambda receives them."""

    stack: str
    logical_id: str
    type: str
    stack_id: str
    properties: dict[str, Any]
    kept_on_delete: bool
    physical_id: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What CloudFormation knows it by."""
        return self.stack, self.logical_id


@dataclass(frozen=True)
class SynthesizedStack:
    """A stack of the assembly."""

    name: str
    env: str
    account: str
    region: str
    template: Template


@dataclass(frozen=True)
class DeployedStack:
    """What CloudFormation has of a stack; nothing, where it is not there."""

    template: Template
    physical: Mapping[str, str]
    stack_id: str


@dataclass(frozen=True)
class Resources:
    """Both sides, each in the order in which its resources are made, and what could not be resolved."""

    wanted: list[PlannedResource]
    deployed: list[PlannedResource]
    deployed_stacks: list[str]
    unknown: list[str]


def read_assembly(folder: Path, env: str) -> list[SynthesizedStack]:
    """The stacks of a `cdk synth` of an environment.

    Raises:
        CommandError: the folder is not one, or it is another environment's.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        stacks = [
            _stack(folder, name, artifact)
            for name, artifact in manifest["artifacts"].items()
            if _is_stack(artifact)
        ]
    except (OSError, ValueError, KeyError) as error:
        raise CommandError(
            f"{folder} holds no synthesized templates ({type(error).__name__}: {error}); "
            "make them with `cdk synth`, or leave --assembly out",
            exit_code=2,
        ) from None
    if others := {stack.env for stack in stacks} - {env}:
        raise CommandError(
            f"{folder} holds environment {', '.join(sorted(others))}, not {env}; name that one with --env, "
            f"or make the other's templates with `make synth ENV={env}`",
            exit_code=2,
        )
    return stacks


def collect(stacks: list[SynthesizedStack], cloudformation: CloudFormationClient | None) -> Resources:
    """The Snowflake resources of all stacks, wanted and deployed; without a client nothing is deployed.

    Raises:
        CommandError: CloudFormation cannot be asked.
    """
    try:
        deployed = {stack.name: _deployed(cloudformation, stack.name) for stack in stacks}
        exports = _exports(cloudformation)
    except (ClientError, BotoCoreError) as error:
        raise CommandError(f"cannot ask CloudFormation what is deployed: {error}") from None
    new = {stack.name: _values(stack, stack.template, deployed[stack.name], exports) for stack in stacks}
    for stack in stacks:
        for name, value in _exported(stack.template):
            exports.setdefault(name, str(new[stack.name].resolve(value)))
    wanted, there, unknown = [], [], set()
    for stack in stacks:
        wanted += _resources(stack, stack.template, deployed[stack.name], new[stack.name])
        old = deployed[stack.name].template
        values = _values(stack, old, deployed[stack.name], exports)
        there += _resources(stack, old, deployed[stack.name], values)
        unknown |= new[stack.name].unknown
    names = [name for name, found in deployed.items() if found.template and _has_ours(found.template)]
    return Resources(wanted, there, names, sorted(unknown))


def _is_stack(artifact: Mapping[str, Any]) -> bool:
    return bool(artifact.get("type") == "aws:cloudformation:stack")


def _stack(folder: Path, name: str, artifact: Mapping[str, Any]) -> SynthesizedStack:
    properties = artifact["properties"]
    template = json.loads((folder / properties["templateFile"]).read_text(encoding="utf-8"))
    account, _, region = str(artifact["environment"]).removeprefix("aws://").partition("/")
    if account == "unknown-account":
        account = _UNKNOWN_ACCOUNT
    return SynthesizedStack(
        str(properties.get("stackName", name)), str(properties["tags"]["env"]), account, region, template
    )


def _deployed(cloudformation: CloudFormationClient | None, name: str) -> DeployedStack:
    nothing = DeployedStack({}, {}, f"arn:known-after-deploy:stack/{name}")
    if cloudformation is None:
        return nothing
    try:
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        body = cloudformation.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
        rows = [row for page in pages for row in page["StackResourceSummaries"]]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":
            return nothing
        raise
    physical = {
        row["LogicalResourceId"]: row["PhysicalResourceId"]
        for row in rows
        if row.get("PhysicalResourceId") and row["ResourceStatus"] != "DELETE_COMPLETE"
    }
    template = json.loads(body) if isinstance(body, str) else dict(body)
    return DeployedStack(template, physical, stack["StackId"])


def _exports(cloudformation: CloudFormationClient | None) -> dict[str, str]:
    if cloudformation is None:
        return {}
    pages = cloudformation.get_paginator("list_exports").paginate()
    return {export["Name"]: export["Value"] for page in pages for export in page["Exports"]}


def _values(
    stack: SynthesizedStack, template: Template, deployed: DeployedStack, exports: Mapping[str, str]
) -> Values:
    types = {name: str(part["Type"]) for name, part in template.get("Resources", {}).items()}
    pseudo = {
        "AWS::AccountId": stack.account,
        "AWS::Region": stack.region,
        "AWS::Partition": "aws-cn" if stack.region.startswith("cn-") else "aws",
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": "amazonaws.com",
    }
    return Values(stack.name, types, deployed.physical, exports, pseudo)


def _exported(template: Template) -> Iterator[tuple[str, Any]]:
    for output in template.get("Outputs", {}).values():
        if isinstance(name := output.get("Export", {}).get("Name"), str):
            yield name, output["Value"]


def _resources(
    stack: SynthesizedStack, template: Template, deployed: DeployedStack, values: Values
) -> list[PlannedResource]:
    found = template.get("Resources", {})
    return [
        PlannedResource(
            stack=stack.name,
            logical_id=logical_id,
            type=found[logical_id]["Type"],
            stack_id=deployed.stack_id,
            properties=values.resolve(found[logical_id].get("Properties", {})),
            kept_on_delete=str(found[logical_id].get("DeletionPolicy", "")).startswith("Retain"),
            physical_id=deployed.physical.get(logical_id),
        )
        for logical_id in TopologicalSorter(
            {name: _needs(part, found) for name, part in found.items()}
        ).static_order()
        if found[logical_id]["Type"].startswith(_OURS)
    ]


def _has_ours(template: Template) -> bool:
    return any(part["Type"].startswith(_OURS) for part in template.get("Resources", {}).values())


def _needs(value: Any, known: Mapping[str, Any]) -> set[str]:
    """The resources that a definition names, in functions or DependsOn."""
    if isinstance(value, list):
        return {name for part in value for name in _needs(part, known)}
    if not isinstance(value, dict):
        return set()
    names: set[str] = set()
    for key, part in value.items():
        match key:
            case "Ref":
                names.add(str(part))
            case "Fn::GetAtt":
                names.add(str(part[0] if isinstance(part, list) else part.split(".")[0]))
            case "DependsOn":
                names.update([part] if isinstance(part, str) else part)
            case _:
                names |= _needs(part, known)
    return names & set(known)
