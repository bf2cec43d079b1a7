"""Change sets that change only outputs, which AWS executes and MiniStack refuses as empty.

A new export is such a change. Without it, the stack that imports it cannot be deployed.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html
"""

from __future__ import annotations

from typing import Any

from ministack.services.cloudformation import _change_sets, _stacks, handlers


def install() -> None:
    """Allow change sets that change only outputs."""
    create = handlers._ACTION_HANDLERS["CreateChangeSet"]

    def create_change_set(params: dict[str, Any]) -> Any:
        before = {id(change_set) for _, change_set in _change_sets.items()}
        answer = create(params)
        for _, change_set in _change_sets.items():
            if id(change_set) not in before and _changes_outputs_alone(change_set):
                change_set.update(Status="CREATE_COMPLETE", ExecutionStatus="AVAILABLE", StatusReason="")
        return answer

    handlers._ACTION_HANDLERS["CreateChangeSet"] = create_change_set


def _changes_outputs_alone(change_set: dict[str, Any]) -> bool:
    stack = _stacks.get(change_set["StackName"])
    if stack is None or change_set["ChangeSetType"] != "UPDATE" or change_set["Changes"]:
        return False
    old: dict[str, Any] = stack.get("_template") or {}
    return bool((old.get("Outputs") or {}) != (change_set["_template"].get("Outputs") or {}))
