"""Dispatch of CloudFormation requests: find the object, plan the actions, carry them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clickstream_wire.resources import OWNER_ROLE, ResourceType
from snowflake_setup.objects.actions import Action, Remark, carry_out, changes
from snowflake_setup.objects.dynamic_table import DynamicTable
from snowflake_setup.objects.file_format import FileFormat
from snowflake_setup.objects.look import Kind, See, seen_by
from snowflake_setup.objects.physical_id import PhysicalId
from snowflake_setup.objects.resource import Data, Resource
from snowflake_setup.objects.stage import Stage
from snowflake_setup.objects.storage_integration import StorageIntegration
from snowflake_setup.objects.table import Table
from snowflake_setup.objects.view import View
from snowflake_setup.pipe.pipe import Pipe
from snowflake_setup.pipe.refresh import PipeRefresh
from snowflake_setup.session.connector_errors import not_seen
from snowflake_setup.session.errors import DefinitionConflictError, PropertyError, SetupError
from snowflake_setup.session.invocation import Invocation
from snowflake_setup.session.properties import Properties
from snowflake_setup.sql.base import Drop
from snowflake_setup.sql.comment_marks import digest
from snowflake_setup.sql.identifiers import Identifier, ObjectName

Event = Mapping[str, Any]

RESOURCES: dict[str, type[Resource[Any, Any]]] = {
    ResourceType.FILE_FORMAT: FileFormat,
    ResourceType.STAGE: Stage,
    ResourceType.TABLE: Table,
    ResourceType.PIPE: Pipe,
    ResourceType.PIPE_REFRESH: PipeRefresh,
    ResourceType.DYNAMIC_TABLE: DynamicTable,
    ResourceType.VIEW: View,
    ResourceType.STORAGE_INTEGRATION: StorageIntegration,
}


@dataclass(frozen=True)
class Plan:
    """The actions for one request.

    Attributes:
        physical_id: the object's identity, returned to CloudFormation.
        actions: the actions, in order.
        resource: the lifecycle of its kind.
        spec: the wanted object; None for a Delete.
        there: the object as it was found.
    """

    physical_id: str
    actions: Sequence[Action]
    resource: Resource[Any, Any]
    spec: Any = None
    there: Any = None

    def leaves(self) -> list[tuple[Kind[Any], ObjectName, Any]]:
        """The object after the actions, as the next request finds it."""
        if self.spec is None:
            gone = [action.name for action in self.actions if isinstance(action, Drop)]
            return [(self.resource.shown, name, None) for name in gone]
        return [(self.resource.shown, self.spec.name, self.resource.after(self.spec, self.there))]

    def attributes(self, see: See) -> Data:
        """The attributes of the response, read again after a change."""
        if self.spec is None:
            return {}
        there = see(self.resource.shown, self.spec.name) if changes(self.actions) else self.there
        if there is None:
            raise DefinitionConflictError(
                f"{self.resource.kind} {self.spec.name} exists, but this function's role cannot see it; "
                f"{not_seen(self.spec.name)}. If it belongs to something else, choose another name"
            )
        self.resource.require(self.spec, there)
        return self.resource.attributes(self.spec, there)


def handle(event: Event, invocation: Invocation) -> tuple[str, Data]:
    """Bring Snowflake to the state the event asks for; return the physical id and the attributes."""
    see = seen_by(invocation.session)
    planned = plan(event, invocation.account, see)
    with invocation.or_undo():
        carry_out(planned.actions, invocation)
        return planned.physical_id, planned.attributes(see)


def plan(event: Event, account: str, see: See) -> Plan:
    """Decide what the event requires, given what `see` finds; changes nothing.

    Raises:
        SetupError: the event cannot be carried out.
    """
    resource = resource_of(event)
    match event["RequestType"]:
        case "Create" | "Update":
            return _wanted(resource, event, account, see)
        case "Delete":
            return _unwanted(resource, event, account, see)
        case other:
            raise PropertyError(f"RequestType must be Create, Update or Delete, got {other!r}")


def resource_of(event: Event) -> Resource[Any, Any]:
    """The lifecycle of the kind of object that the event is about."""
    resource_type = str(event.get("ResourceType"))
    if resource_type not in RESOURCES:
        raise PropertyError(f"resource type must be one of {', '.join(RESOURCES)}, got {resource_type!r}")
    owner = digest(str(event.get("StackId")), str(event.get("LogicalResourceId")))
    return RESOURCES[resource_type](owner)


def _wanted(resource: Resource[Any, Any], event: Event, account: str, see: See) -> Plan:
    properties = Properties(event["ResourceProperties"], str(event["ResourceType"]))
    spec = resource.read(properties)
    properties.finish()
    before = PhysicalId.parse(str(event["PhysicalResourceId"])) if event["RequestType"] == "Update" else None
    if before and before.account == account:
        _require_seen(resource, before.name, event, see)
    there = see(resource.shown, spec.name)
    spec = resource.complete(spec, see)
    actions: Sequence[Action]
    if before and before.account == account and before.name != spec.name:
        actions = resource.move(before.name, spec, there, see)
    elif there is None:
        actions = resource.make(spec)
    elif before and before.account == account:
        actions = resource.change(_before(resource, event), spec, there)
    else:
        actions = resource.adopt(spec, there, see)
    physical_id = str(PhysicalId(account, resource.kind, spec.name))
    return Plan(physical_id, actions, resource, spec, there)


def _require_seen(resource: Resource[Any, Any], name: ObjectName, event: Event, see: See) -> None:
    """Check that a role that has just been changed sees the object.

    Snowflake shows a role only objects on which it has a privilege. Without the check, an object of the former role
    would count as dropped, and its pipe would go on loading next to a new one.

    Raises:
        DefinitionConflictError: it does not.
    """
    former, role = (
        str(event.get(side, {}).get(OWNER_ROLE, ""))
        for side in ("OldResourceProperties", "ResourceProperties")
    )
    if former in ("", role) or see(resource.shown, name) is not None:
        return
    one, other = Identifier(former).sql(), Identifier(role).sql()
    raise DefinitionConflictError(
        f"{resource.kind.lower()} {name} was deployed by role {one}, and role {other} does not see it. Nothing was "
        f"changed. Let the new role inherit the old one's objects, GRANT ROLE {one} TO ROLE {other}, and deploy again; "
        f"if it has been dropped, deploy once with {one}"
    )


def _before(resource: Resource[Any, Any], event: Event) -> Any:
    """The old properties, or None: a rollback from unreadable properties must succeed."""
    try:
        return resource.read(Properties(event.get("OldResourceProperties"), "OldResourceProperties"))
    except SetupError:
        return None


def _unwanted(resource: Resource[Any, Any], event: Event, account: str, see: See) -> Plan:
    """Act on the name in the physical id, never on the properties: after a rename they name the successor."""
    physical_id = str(event["PhysicalResourceId"])
    there = PhysicalId.parse(physical_id)
    if there is None or there.account != account or there.kind != resource.kind:
        remark = Remark("not our id: nothing to delete", {"physical_id": physical_id})
        return Plan(physical_id, [remark], resource)
    on_delete = str(event.get("ResourceProperties", {}).get("OnDelete", "retain"))
    return Plan(physical_id, resource.remove(there.name, on_delete, see), resource)
