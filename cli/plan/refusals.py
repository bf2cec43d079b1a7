"""The changes of deployed stacks that CloudFormation would refuse.

An export that another stack imports can be neither removed nor given another value:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html.
A resource that is replaced is created before the old one is deleted, so it cannot have the same name:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any

from config import ROOT

Template = Mapping[str, Any]
Resource = Mapping[str, Any]


def refusals(
    deployed: Mapping[str, Template], wanted: Mapping[str, Template], foreign_exports: Collection[str] = ()
) -> list[str]:
    """The reasons for which `cdk deploy --all` would fail, of the first stack that has any.

    Args:
        deployed: stack → its template now; stacks that are no longer wanted stay as they are.
        wanted: stack → its new template, in the order of deployment.
        foreign_exports: the exports of other stacks of the account.
    """
    now = dict(deployed)
    for stack, template in wanted.items():
        reasons = [
            *_exports(stack, template, now),
            *_missing_exports(stack, template, now, foreign_exports),
            *_names(stack, template, now),
            *_shards(stack, template, now),
        ]
        if reasons:
            return [f"{stack}: {reason}" for reason in reasons]
        now[stack] = template
    return []


def replacing(old: Resource, new: Resource) -> set[str]:
    """The changed properties for which CloudFormation replaces a resource."""
    had, has = old.get("Properties", {}), new.get("Properties", {})
    if old["Type"] != new["Type"]:
        return {"Type"}
    changed = {name for name in had.keys() | has.keys() if had.get(name) != has.get(name)}
    return changed & replacing_properties(new["Type"]) if changed else set()


def _exports(stack: str, new: Template, now: Mapping[str, Template]) -> Iterator[str]:
    others = {other: template for other, template in now.items() if other != stack}
    had, has = exports(now.get(stack, {})), exports(new)
    for export, value in had.items():
        users = [other for other, template in others.items() if export in imports(template)]
        if users and export not in has:
            yield f"export {export} cannot be removed, since {', '.join(users)} imports it"
        elif users and (has[export] != value or _moves(value, now[stack], new)):
            yield f"export {export} cannot be changed, since {', '.join(users)} imports it"


def _missing_exports(
    stack: str, new: Template, now: Mapping[str, Template], foreign: Collection[str]
) -> Iterator[str]:
    there = {export for other, template in now.items() if other != stack for export in exports(template)}
    for missing in sorted(imports(new) - there.union(foreign)):
        yield f"there is no export {missing}"


def _moves(value: str, old: Template, new: Template) -> bool:
    """True if the value is that of a resource which is replaced."""
    shared = old["Resources"].keys() & new["Resources"].keys()
    return any(
        f'"{logical_id}"' in value and replacing(old["Resources"][logical_id], new["Resources"][logical_id])
        for logical_id in shared
    )


def _names(stack: str, new: Template, now: Mapping[str, Template]) -> Iterator[str]:
    """Resources that would be created with the name of one that is there."""
    old = now.get(stack, {}).get("Resources", {})
    taken = {
        named
        for template in now.values()
        for resource in template.get("Resources", {}).values()
        if (named := physical_name(resource))
    }
    for logical_id, resource in new["Resources"].items():
        named = physical_name(resource)
        if named not in taken or old.get(logical_id) == resource:
            continue
        why = replacing(old[logical_id], resource) if logical_id in old else {"its logical id"}
        if why:
            yield f"{logical_id} would be replaced for {', '.join(sorted(why))}, and its name {named[1]} is in use"


def _shards(stack: str, new: Template, now: Mapping[str, Template]) -> Iterator[str]:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html: double or half at most."""
    old = now.get(stack, {}).get("Resources", {})
    for logical_id, resource in new["Resources"].items():
        if resource["Type"] != "AWS::Kinesis::Stream" or logical_id not in old:
            continue
        had, has = (each["Properties"].get("ShardCount") for each in (old[logical_id], resource))
        if had and has and not had / 2 <= has <= 2 * had:
            yield f"{logical_id} has {had} shards; one deployment can make it {-(-had // 2)} to {2 * had}, not {has}"


def physical_name(resource: Resource) -> tuple[str, str] | None:
    """Type and name of a resource that the template names."""
    identifier, _ = _specification().get(resource["Type"], ("", frozenset()))
    name = resource.get("Properties", {}).get(identifier)
    return (resource["Type"], name) if isinstance(name, str) else None


def replacing_properties(resource_type: str) -> frozenset[str]:
    """The properties whose change makes CloudFormation replace a resource of that type."""
    return _specification().get(resource_type, ("", frozenset[str]()))[1]


@cache
def _specification() -> dict[str, tuple[str, frozenset[str]]]:
    """By resource type, the property that identifies a resource, if one does, and those whose change replaces it.

    From the CDK CLI's copy of CloudFormation's specification, with which `cdk diff` foretells replacements.
    """
    with gzip.open(ROOT / "node_modules" / "aws-cdk" / "db.json.gz") as file:
        entities = json.load(file)["schema"]["resource"]["entities"]
    return {entity["cloudFormationType"]: (_identifier(entity), _replacing(entity)) for entity in entities}


def _identifier(entity: Mapping[str, Any]) -> str:
    identifier: list[str] = entity.get("primaryIdentifier", [])
    return identifier[0] if len(identifier) == 1 else ""


def _replacing(entity: Mapping[str, Any]) -> frozenset[str]:
    properties = entity["properties"].items()
    return frozenset(name for name, about in properties if about.get("causesReplacement") == "yes")


def exports(template: Template) -> dict[str, str]:
    """Name → value, as JSON, of a stack's exports."""
    outputs = template.get("Outputs", {}).values()
    return {
        str(output["Export"]["Name"]): json.dumps(output["Value"], sort_keys=True)
        for output in outputs
        if "Export" in output
    }


def imports(value: Any) -> set[str]:
    """The exports that a template uses."""
    match value:
        case {"Fn::ImportValue": str(name)}:
            return {name}
        case dict():
            return imports(list(value.values()))
        case list():
            return {name for part in value for name in imports(part)}
    return set()
