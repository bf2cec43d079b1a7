"""The longest chain of resources of a deployment: no deployment of these templates could be quicker."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

_SUB = re.compile(r"\$\{(\w+)")


@dataclass(frozen=True)
class Chain:
    """Resources, each of which waits for the one before, and the sum of their times."""

    resources: tuple[str, ...]
    seconds: float


_NONE = Chain((), 0.0)


def longest_chain(cloudformation: Any, assembly: Path) -> Chain:
    """The longest chain through all stacks: within a stack by references, between stacks by the assembly's order."""
    artifacts = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    stacks = {name: one for name, one in artifacts.items() if one["type"] == "aws:cloudformation:stack"}

    @cache
    def until(name: str) -> Chain:
        stack = stacks[name]
        template = json.loads((assembly / stack["properties"]["templateFile"]).read_text())
        own = _within(
            template["Resources"], _durations(cloudformation, stack["properties"].get("stackName", name))
        )
        return _joined(_longest(until(one) for one in stack.get("dependencies", ()) if one in stacks), own)

    return _longest(map(until, stacks))


def _within(resources: Mapping[str, Any], durations: Mapping[str, float]) -> Chain:
    @cache
    def until(name: str) -> Chain:
        before = _longest(until(one) for one in _needed(resources[name]) if one in resources and one != name)
        return _joined(before, Chain((name,), durations.get(name, 0.0)))

    return _longest(map(until, resources))


def _needed(part: Any) -> Iterator[str]:
    """Logical ids that a part of a template refers to."""
    if isinstance(part, list):
        for one in part:
            yield from _needed(one)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key == "Ref" or (key == "DependsOn" and isinstance(value, str)):
                yield value
            elif key == "DependsOn":
                yield from value
            elif key == "Fn::GetAtt":
                yield value[0] if isinstance(value, list) else value.partition(".")[0]
            elif key == "Fn::Sub":
                yield from _SUB.findall(value if isinstance(value, str) else value[0])
            yield from _needed(value)


def _durations(cloudformation: Any, stack: str) -> dict[str, float]:
    """Seconds from the first event to the last of each resource."""
    times: dict[str, list[datetime]] = {}
    for page in cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack):
        for event in page["StackEvents"]:
            times.setdefault(event["LogicalResourceId"], []).append(event["Timestamp"])
    return {name: (max(found) - min(found)).total_seconds() for name, found in times.items()}


def _longest(chains: Iterator[Chain]) -> Chain:
    return max(chains, key=lambda chain: chain.seconds, default=_NONE)


def _joined(first: Chain, second: Chain) -> Chain:
    return Chain((*first.resources, *second.resources), first.seconds + second.seconds)
