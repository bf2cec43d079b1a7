"""Verdicts on edits: what CloudFormation would refuse of the deployment that an edit asks for.

`python -m tests.infrastructure.verdicts` prints them all.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from cli.plan.refusals import exports, imports, physical_name, refusals, replacing
from clickstream_wire.resources import OWNER_ROLE
from config.model import PipelineConfig
from tests.infrastructure.edits import EDITS, Edit
from tests.infrastructure.released import Stacks, masked
from tests.infrastructure.rights import Rights, rights_by_resource
from tests.infrastructure.synthesis import Template, pipeline_config, templates_of


def reasons_against(edit: Edit) -> list[str]:
    """Why `cdk deploy --all` would not make the edit: refusals of CloudFormation, or stacks that it leaves behind."""
    before, after = _sides(edit)
    left = [f"{name} is left behind" for name in sorted(before.keys() - after.keys())]
    return refusals(before, after) + _refused_by_landing(before, after) + left


def _refused_by_landing(before: Stacks, after: Stacks) -> list[str]:
    """Stages that move, or pass from one resource to another, and objects of a role that is given up.

    See snowflake_setup/objects/{stage,resource}.py and lifecycle.py.
    """
    old, new = (_stages(side["Landing"]) for side in (before, after))
    moved = [
        f"Landing: stage {name} is refused" for name in old.keys() & new.keys() if old[name] != new[name]
    ]
    former = sorted(_roles(before["Landing"]) - _roles(after["Landing"]))
    return moved + [f"Landing: the objects of role {role} are not seen" for role in former]


def _roles(landing: Template) -> set[str]:
    return {
        resource["Properties"][OWNER_ROLE]
        for resource in landing["Resources"].values()
        if OWNER_ROLE in resource["Properties"]
    }


def _stages(landing: Template) -> dict[str, tuple[str, Any]]:
    """By full name, the resource of each stage and its location."""
    return {
        json.dumps([resource["Properties"][part] for part in ("Database", "Schema", "Name")]): (
            logical_id,
            resource["Properties"]["Url"],
        )
        for logical_id, resource in landing["Resources"].items()
        if resource["Type"] == "Custom::SnowflakeStage"
    }


def narrowed(edit: Edit) -> set[tuple[str, str]]:
    """By resource, the rights that a policy loses in the edit.

    CloudFormation updates a policy before the resources that depend on it, so who uses such a right is refused for a
    while. It deletes whole policies at the end.
    """
    before, after = (_side(config).rights for config in _configs(edit))
    return {
        (name, action) for name in before.keys() & after.keys() for action, *_ in before[name] - after[name]
    }


def crosses_stacks(edit: Edit) -> bool:
    """True if the edit changes exports or imports, or replaces a resource that has a name."""
    before, after = _sides(edit)
    none: Template = {"Resources": {}, "WeakImports": []}
    return any(
        _crossing(before.get(name, none), after.get(name, none)) for name in before.keys() | after.keys()
    )


def pairs() -> Iterator[Edit]:
    """Two plain edits at once, of those keys whose own change crosses stacks.

    Edits that repeat another one with an option of another section are not paired.
    """
    crossing = [edit for edit in EDITS if not edit.way and edit.in_one_section and crosses_stacks(edit)]
    for one, other in combinations(crossing, 2):
        disjoint = not one.keys.keys() & other.keys.keys()
        if disjoint and all(other.base.get(key, value) == value for key, value in one.base.items()):
            yield one.with_(other)


def _crossing(before: Template, after: Template) -> bool:
    if (exports(before), imports(before)) != (exports(after), imports(after)):
        return True
    if before["WeakImports"] != after["WeakImports"]:
        return True
    old, new = before["Resources"], after["Resources"]
    return any(physical_name(old[id_]) and replacing(old[id_], new[id_]) for id_ in old.keys() & new.keys())


def _sides(edit: Edit) -> tuple[Stacks, Stacks]:
    before, after = _configs(edit)
    return _side(before).stacks, _side(after).stacks


def _configs(edit: Edit) -> tuple[str, str]:
    before, after = pipeline_config(**edit.before()), pipeline_config(**edit.after())
    return before.model_dump_json(by_alias=True), after.model_dump_json(by_alias=True)


class _Side(NamedTuple):
    stacks: Stacks
    rights: dict[str, Rights]


@cache
def _side(config: str) -> _Side:
    """Masked: a hundred whole apps would slow down every collection of garbage."""
    with TemporaryDirectory() as folder:
        pipeline = templates_of(Path(folder), PipelineConfig.model_validate_json(config))
    return _Side(masked(pipeline), rights_by_resource(pipeline))


def _print() -> None:
    started = time.monotonic()
    count: Counter[str] = Counter()
    for kind, edits in (("single", EDITS), ("pair", pairs())):
        for edit in edits:
            reasons = reasons_against(edit)
            verdict = f"docs/changes.md, {edit.way}" if reasons else "plain"
            count[f"{kind}: {'docs/changes.md' if reasons else 'plain'}"] += 1
            print(f"{kind:6}  {verdict:30}  {edit.id}")
            for reason in reasons[:1]:
                print(f"{'':40}{reason}")
    seconds = time.monotonic() - started
    print(", ".join(f"{number} {verdict}" for verdict, number in count.items()), f"in {seconds:.0f} s")


if __name__ == "__main__":
    _print()
