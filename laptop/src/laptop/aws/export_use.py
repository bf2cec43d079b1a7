"""Exports that another stack imports, which an update can neither remove nor change.

MiniStack enforces this rule only for deletions of stacks, and keeps exports that an update removed.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.services.cloudformation import _exports, _stacks, handlers, stacks

_resolve = stacks._resolve_stack_outputs


def install() -> None:
    """Fail updates that would break an importing stack, and drop exports that an update removes."""
    stacks._resolve_stack_outputs = _resolve_unless_in_use


def _resolve_unless_in_use(*arguments: Any) -> tuple[list[Any], dict[str, Any]]:
    outputs, exports = _resolve(*arguments)
    stack_id = arguments[-1]
    published = {name: export for name, export in _exports.items() if export["StackId"] == stack_id}
    _require_unused(published, exports)
    for name in published.keys() - exports.keys():
        del _exports[name]
    return outputs, exports


def _require_unused(published: Mapping[str, Any], exports: Mapping[str, Any]) -> None:
    for name, export in published.items():
        if name in exports and exports[name]["Value"] == export["Value"]:
            continue
        if users := _importing_stacks(name):
            change = "updated" if name in exports else "deleted"
            raise ValueError(f"Export {name} cannot be {change} as it is in use by {' and '.join(users)}")


def _importing_stacks(export: str) -> list[str]:
    return sorted(
        name
        for name, stack in _stacks.items()
        if not stack["StackStatus"].startswith("DELETE_COMPLETE")
        and export in handlers._imported_export_names(stack, name)
    )
