"""Detection: the state of a resource is compared with the one that CloudFormation left behind.

MiniStack compares some properties of a few types, and reports the others in sync. Here a resource is in sync only if
all properties that its template sets have been compared; one that cannot be compared is not checked, and so not
listed, like one of a type without drift detection:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services.cloudformation import drift, handlers, provisioners

from laptop.aws.drift.state import KINDS, Properties

# CloudFormation cannot read these back.
_WRITE_ONLY = {
    ("AWS::Lambda::Function", "Code"),
    ("AWS::SecretsManager::Secret", "GenerateSecretString"),
    ("AWS::SecretsManager::Secret", "SecretString"),
}
_GONE = "DELETED"

State = dict[str, Any]
_left: AccountRegionScopedDict = AccountRegionScopedDict()
"""The state that CloudFormation left behind, by type and physical id."""


def install() -> None:
    """Note the state of resources that stacks create or change, and compare it on request. Call last."""
    for resource_type in KINDS:
        own = provisioners._RESOURCE_HANDLERS[resource_type]
        own["create"] = _noting_create(resource_type, own["create"])
        if "update" in own:
            own["update"] = _noting_update(resource_type, own["update"])
    drift.supports_drift = KINDS.__contains__
    drift.detect_resource_drift = _detect
    drift.record_resource_drift = _recorded_if_checked(drift.record_resource_drift)
    handlers._ACTION_HANDLERS["CreateChangeSet"] = _not_reverting(
        handlers._ACTION_HANDLERS["CreateChangeSet"]
    )


def _noting_create(resource_type: str, create: Callable[..., Any]) -> Callable[..., Any]:
    def created(logical_id: str, properties: Properties, *more: Any) -> Any:
        physical_id, attributes = create(logical_id, properties, *more)
        _left[resource_type, physical_id] = _state(resource_type, physical_id, properties)
        return physical_id, attributes

    return created


def _noting_update(resource_type: str, update: Callable[..., Any]) -> Callable[..., Any]:
    def updated(before: str, old: Properties, new: Properties, *more: Any, **options: Any) -> Any:
        physical_id, attributes = update(before, old, new, *more, **options)
        now, known = _state(resource_type, physical_id, new), _left.get((resource_type, before)) or {}
        kept = {name for name in known if old.get(name) == new.get(name)} if physical_id == before else set()
        # A property that the update did not change may have drifted before.
        _left[resource_type, physical_id] = now and {**now, **{name: known[name] for name in kept}}
        return physical_id, attributes

    return updated


def _state(resource_type: str, physical_id: str, properties: Properties) -> State | None:
    """The stored values of the properties that are set, and of the tags; None if the resource is gone."""
    find, readers = KINDS[resource_type]
    found = find(physical_id, properties)
    if not found:
        return None
    names = {"Tags", *properties} & readers.keys()
    return {name: copy.deepcopy(readers[name](found)) for name in sorted(names)}


def _detect(stack: Mapping[str, Any], logical_id: str, record: Mapping[str, Any], timestamp: str) -> State:
    resource_type, physical_id = record["ResourceType"], record["PhysicalResourceId"]
    properties = record.get("Properties") or {}
    found = {
        "StackId": stack["StackId"],
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": physical_id,
        "ResourceType": resource_type,
        "Timestamp": timestamp,
    }
    now, left = _state(resource_type, physical_id, properties), _left.get((resource_type, physical_id))
    if now is None:
        return found | {"StackResourceDriftStatus": _GONE}
    differing = [name for name, value in (left or {}).items() if now.get(name) != value]
    if differing:
        shown = {name: _text(properties.get(name, (left or {})[name])) for name in differing}
        differences = [
            {
                "PropertyPath": f"/{name}",
                "ExpectedValue": shown[name],
                "ActualValue": _text(now.get(name)),
                "DifferenceType": "NOT_EQUAL",
            }
            for name in differing
        ]
        return found | {
            "StackResourceDriftStatus": "MODIFIED",
            "ExpectedProperties": json.dumps(shown),
            "ActualProperties": json.dumps({name: _text(now.get(name)) for name in differing}),
            "PropertyDifferences": differences,
        }
    unread = {name for name in properties if (resource_type, name) not in _WRITE_ONLY} - now.keys()
    return found | {"StackResourceDriftStatus": "NOT_CHECKED" if unread or left is None else "IN_SYNC"}


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode()
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)


def _recorded_if_checked(record: Callable[[State, State], None]) -> Callable[[State, State], None]:
    def recorded(resource: State, found: State) -> None:
        record(resource, found)
        if found["StackResourceDriftStatus"] == "NOT_CHECKED":
            del resource["_drift"]

    return recorded


def _not_reverting(create: Callable[..., Any]) -> Callable[..., Any]:
    def create_change_set(params: dict[str, Any]) -> Any:
        if handlers._p(params, "DeploymentMode") == "REVERT_DRIFT":
            return handlers._error("ValidationError", "The laptop's CloudFormation does not revert drift")
        return create(params)

    return create_change_set
