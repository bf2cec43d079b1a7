"""Verdicts on edits: what CloudFormation would refuse of the deployment that an edit asks for.

`python -m tests.infrastructure.verdicts` prints them all.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cli.plan.refusals import exports, imports, physical_name, refusals, replacing
from config.model import PipelineConfig
from tests.infrastructure.edits import EDITS, Edit
from tests.infrastructure.synthesis import Pipeline, Template, pipeline_config, templates_of


def reasons_against(edit: Edit) -> list[str]:
    """Why `cdk deploy --all` would not make the edit: refusals of CloudFormation, or stacks that it leaves behind."""
    before, after = _sides(edit)
    order = TopologicalSorter(after.dependencies).static_order()
    refused = refusals(before.stacks, {name: after.stacks[name] for name in order})
    refused += _moved_stages(before, after)
    return refused + [f"{name} is left behind" for name in sorted(before.stacks.keys() - after.stacks.keys())]


def _moved_stages(before: Pipeline, after: Pipeline) -> list[str]:
    """Stages at another location, which the landing Lambda refuses (snowflake_setup/objects/stage.py)."""
    urls = [
        {
            json.dumps([stage["Properties"][part] for part in ("Database", "Schema", "Name")]): stage[
                "Properties"
            ]["Url"]
            for stage in side.resources("Landing", "Custom::SnowflakeStage").values()
        }
        for side in (before, after)
    ]
    old, new = urls
    return [f"Landing: stage {name} would move" for name in old.keys() & new.keys() if old[name] != new[name]]


def crosses_stacks(edit: Edit) -> bool:
    """True if the edit changes exports or imports, or replaces a resource that has a name."""
    before, after = _sides(edit)
    none: Template = {"Resources": {}}
    return any(
        _crossing(before.stacks.get(name, none), after.stacks.get(name, none))
        for name in before.stacks.keys() | after.stacks.keys()
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
    if _weak_imports(before) != _weak_imports(after):
        return True
    old, new = before["Resources"], after["Resources"]
    return any(physical_name(old[id_]) and replacing(old[id_], new[id_]) for id_ in old.keys() & new.keys())


def _weak_imports(value: Any) -> set[str]:
    match value:
        case {"Fn::GetStackOutput": output}:
            return {str(output)}
        case dict():
            return _weak_imports(list(value.values()))
        case list():
            return {output for part in value for output in _weak_imports(part)}
    return set()


def _sides(edit: Edit) -> tuple[Pipeline, Pipeline]:
    before, after = pipeline_config(**edit.before()), pipeline_config(**edit.after())
    return _templates(before.model_dump_json(by_alias=True)), _templates(after.model_dump_json(by_alias=True))


@cache
def _templates(config: str) -> Pipeline:
    with TemporaryDirectory() as folder:
        return templates_of(Path(folder), PipelineConfig.model_validate_json(config))


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
