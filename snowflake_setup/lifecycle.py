"""Which kind of object a request is about, and what it asks of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from snowflake_setup.objects.file_format import FileFormat
from snowflake_setup.objects.physical_id import PhysicalId
from snowflake_setup.objects.resource import Resource
from snowflake_setup.objects.stage import Stage
from snowflake_setup.objects.storage_integration import StorageIntegration
from snowflake_setup.objects.table import Table
from snowflake_setup.objects.view import View
from snowflake_setup.pipe.pipe import Pipe
from snowflake_setup.pipe.refresh import PipeRefresh
from snowflake_setup.session.errors import PropertyError
from snowflake_setup.session.properties import Properties
from snowflake_setup.session.tools import Data, Tools
from snowflake_setup.sql.marks import digest

Event = Mapping[str, Any]

_RESOURCES: dict[str, type[Resource[Any]]] = {
    "Custom::SnowflakeFileFormat": FileFormat,
    "Custom::SnowflakeStage": Stage,
    "Custom::SnowflakeTable": Table,
    "Custom::SnowflakePipe": Pipe,
    "Custom::SnowflakePipeRefresh": PipeRefresh,
    "Custom::SnowflakeView": View,
    "Custom::SnowflakeStorageIntegration": StorageIntegration,
}


def resource_of(event: Event) -> type[Resource[Any]]:
    """The kind of object the event is about."""
    resource_type = str(event.get("ResourceType"))
    if resource_type not in _RESOURCES:
        raise PropertyError(f"resource type must be one of {', '.join(_RESOURCES)}, got {resource_type!r}")
    return _RESOURCES[resource_type]


def handle(event: Event, tools: Tools) -> tuple[str, Data]:
    """Bring Snowflake to the state the event asks for; the physical id and the attributes."""
    resource = resource_of(event)(replace(tools, requester=_requester(event)))
    match event["RequestType"]:
        case "Create":
            spec = _wanted(resource, event)
            return _id(tools, resource, spec), resource.create(spec)
        case "Update":
            return _update(resource, event)
        case "Delete":
            return _delete(resource, event)
        case other:
            raise PropertyError(f"RequestType must be Create, Update or Delete, got {other!r}")


def _requester(event: Event) -> str:
    return digest(str(event.get("StackId")), str(event.get("LogicalResourceId")))


def _update(resource: Resource[Any], event: Event) -> tuple[str, Data]:
    new = _wanted(resource, event)
    new_id = _id(resource.tools, resource, new)
    there = PhysicalId.parse(str(event["PhysicalResourceId"]))
    if there is None or there.account != resource.tools.account:
        return new_id, resource.create(new)
    if there.name != new.name:
        return new_id, resource.move(there.name, new)
    return new_id, resource.update(resource.read_old(event.get("OldResourceProperties")), new)


def _delete(resource: Resource[Any], event: Event) -> tuple[str, Data]:
    """Act on the name in the id, never on properties: after a rename they name the successor."""
    physical_id = str(event["PhysicalResourceId"])
    there = PhysicalId.parse(physical_id)
    if there is None or there.account != resource.tools.account or there.kind != resource.kind:
        resource.tools.log.info("not our id: nothing to delete", physical_id=physical_id)
        return physical_id, {}
    properties = event.get("ResourceProperties", {})
    resource.delete(there.name, str(properties.get("OnDelete", "retain")))
    return physical_id, {}


def _wanted(resource: Resource[Any], event: Event) -> Any:
    properties = Properties(event["ResourceProperties"], str(event["ResourceType"]))
    spec = resource.read(properties)
    properties.finish()
    return spec


def _id(tools: Tools, resource: Resource[Any], spec: Any) -> str:
    return str(PhysicalId(tools.account, resource.kind, spec.name))
