"""Adding a resource type to the emulator's CloudFormation."""

from __future__ import annotations

from typing import Any, Protocol

from ministack.services.cloudformation import provisioners

Properties = dict[str, Any]
Attributes = dict[str, Any]


class ResourceType(Protocol):
    """One CloudFormation resource type: its name, and how its resources are created, updated and deleted."""

    @property
    def type_name(self) -> str:
        """Its name in a template."""
        ...

    @property
    def replaced_by(self) -> tuple[str, ...]:
        """Properties whose change makes CloudFormation replace the resource."""
        ...

    def create(self, generated_name: str, properties: Properties) -> tuple[str, Attributes]:
        """Create the resource; return its physical id and the attributes for Fn::GetAtt."""
        ...

    def update(self, physical_id: str, old: Properties, new: Properties) -> Attributes:
        """Change it in place."""
        ...

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Delete it; a missing one is not an error."""
        ...


def register(resource: ResourceType) -> None:
    """Let templates use `resource`."""

    def create(logical_id: str, properties: Properties, stack_name: str) -> tuple[str, Attributes]:
        generated = provisioners._physical_name(stack_name, logical_id, max_len=128)
        return resource.create(generated, properties)

    def update(physical_id: str, old: Properties, new: Properties, stack_name: str) -> tuple[str, Attributes]:
        return physical_id, resource.update(physical_id, old, new)

    provisioners._RESOURCE_HANDLERS[resource.type_name] = {
        "create": create,
        "update": update,
        "delete": resource.delete,
    }
    provisioners._REPLACING_PROPERTIES[resource.type_name] = resource.replaced_by


def require_success(response: tuple[int, Any, Any], action: str) -> None:
    """Turn a service's error into the failure of a stack.

    Raises:
        ValueError: the service answered with an error.
    """
    status, _, body = response
    if status >= 400:
        reason = body.decode() if isinstance(body, bytes) else str(body)
        raise ValueError(f"{action} was refused: {reason}")
