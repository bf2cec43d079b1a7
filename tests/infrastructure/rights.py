"""The rights that templates give."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

from tests.infrastructure.synthesis import Pipeline

Rights = frozenset[tuple[str, ...]]
"""Action, resource, principal, and one value of each condition."""


def rights_by_resource(pipeline: Pipeline) -> dict[str, Rights]:
    """The rights in each resource, by its stack and logical id."""
    found = {
        f"{stack}/{logical_id}": frozenset(_rights(resource.get("Properties", {})))
        for stack, template in pipeline.stacks.items()
        for logical_id, resource in template["Resources"].items()
    }
    return {name: rights for name, rights in found.items() if rights}


def _rights(node: Any) -> Iterator[tuple[str, ...]]:
    match node:
        case {"Effect": "Allow", "Action": actions}:
            conditions = [
                [(operator, key, value) for value in _listed(values)]
                for operator, keys in node.get("Condition", {}).items()
                for key, values in keys.items()
            ]
            parts = (
                _listed(actions),
                _listed(node.get("Resource")),
                _listed(node.get("Principal")),
                *conditions,
            )
            for action, *others in product(*parts):
                yield action, *(json.dumps(other, sort_keys=True) for other in others)
        case dict():
            for value in node.values():
                yield from _rights(value)
        case list():
            for value in node:
                yield from _rights(value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
