"""The Snowflake resources of an environment: as in the local templates, and as deployed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.output import CommandError
from cli.plan.refusals import exports as exports_of
from cli.plan.refusals import refusals
from cli.plan.values import Values
from clickstream_wire.resources import PREFIX

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

Template = dict[str, Any]
# Placeholders in a template that is not bound to an account; they must have the right form.
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
        """Its identity in CloudFormation: stack and logical id."""
        return self.stack, self.logical_id

    @property
    def object(self) -> str:
        """The name of its object in Snowflake, for display."""
        named = self.properties.get("Pipe", self.properties)
        parts = [named.get(part) for part in ("Database", "Schema", "Name")]
        return ".".join(str(part) for part in parts if part) or self.logical_id


@dataclass(frozen=True)
class Resources:
    """Wanted and deployed resources, each in the order of creation; unresolved values; CloudFormation's refusals."""

    wanted: list[PlannedResource]
    deployed: list[PlannedResource]
    deployed_stacks: list[str]
    unknown: list[str]
    refusals: list[str]


@dataclass(frozen=True)
class SynthesizedStack:
    """A stack of the assembly."""

    name: str
    env: str
    account: str
    region: str
    template: Template


@dataclass(frozen=True)
class _DeployedStack:
    """A stack as CloudFormation has it; empty if it does not exist."""

    stack_id: str
    template: Template = field(default_factory=dict)
    physical_ids: Mapping[str, str] = field(default_factory=dict)


def read_assembly(folder: Path, env: str) -> list[SynthesizedStack]:
    """The stacks of a `cdk synth` of an environment, in the order of deployment.

    Raises:
        CommandError: the folder is no assembly, or one of another environment.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        found = {
            name: artifact
            for name, artifact in manifest["artifacts"].items()
            if artifact.get("type") == "aws:cloudformation:stack"
        }
        needs = {name: found.keys() & artifact.get("dependencies", ()) for name, artifact in found.items()}
        stacks = [_stack(folder, name, found[name]) for name in TopologicalSorter(needs).static_order()]
    except (OSError, ValueError, KeyError) as error:
        raise CommandError(
            f"{folder} has no synthesized templates ({type(error).__name__}: {error}); "
            "create them with `cdk synth`, or leave --assembly out",
            exit_code=2,
        ) from None
    if others := {stack.env for stack in stacks} - {env}:
        raise CommandError(
            f"{folder} holds environment {', '.join(sorted(others))}, not {env}; name that one with --env, "
            f"or create the other's templates with `make synth ENV={env}`",
            exit_code=2,
        )
    return stacks


def collect(
    stacks: list[SynthesizedStack], cloudformation: CloudFormationClient | None, others: Iterable[str] = ()
) -> Resources:
    """The Snowflake resources of all stacks, wanted and deployed; without a client nothing is deployed.

    Args:
        stacks: the wanted stacks, in the order of deployment.
        cloudformation: a client of the account.
        others: names of more stacks of the environment, which use exports of these if they are deployed.

    Raises:
        CommandError: CloudFormation cannot be queried.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        names = dict.fromkeys([*(stack.name for stack in stacks), *others])
        deployed = {name: _deployed(cloudformation, name) for name in names}
        exports = _exports(cloudformation)
    except (ClientError, BotoCoreError) as error:
        raise CommandError(f"cannot query the deployed stacks in CloudFormation: {error}") from None
    ours = {name: stack.template for name, stack in deployed.items() if stack.template}
    foreign = exports.keys() - {name for template in ours.values() for name in exports_of(template)}
    refused = refusals(ours, {stack.name: stack.template for stack in stacks}, foreign)
    unknown: set[str] = set()
    wanted: list[PlannedResource] = []
    there: list[PlannedResource] = []
    for stack in stacks:
        now = deployed[stack.name]
        values = _values(stack, stack.template, now, exports)
        for output in stack.template.get("Outputs", {}).values():
            if name := output.get("Export", {}).get("Name"):
                exports.setdefault(name, values.resolve(output["Value"]))
        wanted += _resources(stack.template, now, values)
        there += _resources(now.template, now, _values(stack, now.template, now, exports))
        unknown |= values.unknown
    known = dict.fromkeys(resource.stack for resource in there)
    return Resources(wanted, there, list(known), sorted(unknown), refused)


def _stack(folder: Path, name: str, artifact: Mapping[str, Any]) -> SynthesizedStack:
    properties = artifact["properties"]
    template = json.loads((folder / properties["templateFile"]).read_text(encoding="utf-8"))
    account, _, region = str(artifact["environment"]).removeprefix("aws://").partition("/")
    if account == "unknown-account":
        account = _UNKNOWN_ACCOUNT
    return SynthesizedStack(
        str(properties.get("stackName", name)), str(properties["tags"]["env"]), account, region, template
    )


def _deployed(cloudformation: CloudFormationClient | None, name: str) -> _DeployedStack:
    from botocore.exceptions import ClientError

    nothing = _DeployedStack(f"arn:known-after-deploy:stack/{name}")
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
    physical_ids = {
        row["LogicalResourceId"]: row["PhysicalResourceId"]
        for row in rows
        if row.get("PhysicalResourceId") and row["ResourceStatus"] != "DELETE_COMPLETE"
    }
    template = json.loads(body) if isinstance(body, str) else dict(body)
    return _DeployedStack(stack["StackId"], template, physical_ids)


def _exports(cloudformation: CloudFormationClient | None) -> dict[str, str]:
    if cloudformation is None:
        return {}
    pages = cloudformation.get_paginator("list_exports").paginate()
    return {export["Name"]: export["Value"] for page in pages for export in page["Exports"]}


def _values(
    stack: SynthesizedStack, template: Template, deployed: _DeployedStack, exports: Mapping[str, str]
) -> Values:
    types = {name: str(part["Type"]) for name, part in template.get("Resources", {}).items()}
    pseudo = {
        "AWS::AccountId": stack.account,
        "AWS::Region": stack.region,
        "AWS::Partition": "aws",
        "AWS::StackName": stack.name,
    }
    return Values(stack.name, types, {**deployed.physical_ids, **pseudo}, exports)


def _resources(template: Template, deployed: _DeployedStack, values: Values) -> list[PlannedResource]:
    found = template.get("Resources", {})
    needs = {name: _named(part) & set(found) for name, part in found.items()}
    return [
        PlannedResource(
            stack=values.stack,
            logical_id=logical_id,
            type=found[logical_id]["Type"],
            stack_id=deployed.stack_id,
            properties=values.resolve(found[logical_id].get("Properties", {})),
            kept_on_delete=str(found[logical_id].get("DeletionPolicy", "")).startswith("Retain"),
            physical_id=deployed.physical_ids.get(logical_id),
        )
        for logical_id in TopologicalSorter(needs).static_order()
        if found[logical_id]["Type"].startswith(PREFIX)
    ]


def _named(value: Any) -> set[str]:
    """The resources that a definition refers to, in functions or DependsOn."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            return {name}
        case {"DependsOn": needed, **rest}:
            return {*([needed] if isinstance(needed, str) else needed)} | _named(rest)
        case dict():
            return _named(list(value.values()))
        case list():
            return {name for part in value for name in _named(part)}
    return set()
