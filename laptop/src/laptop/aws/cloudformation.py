"""Teaching the emulator's CloudFormation a resource type it does not know."""

from __future__ import annotations

from typing import Any, Protocol

from ministack.services.cloudformation import provisioners

Properties = dict[str, Any]
Attributes = dict[str, Any]


class ResourceType(Protocol):
    """One CloudFormation resource type: its name, and how its resources come, change and go."""

    @property
    def type_name(self) -> str:
        """Its name in a template."""
        ...

    @property
    def replaced_by(self) -> tuple[str, ...]:
        """Properties whose change makes CloudFormation create a new resource and delete the old one."""
        ...

    def create(self, generated_name: str, properties: Properties) -> tuple[str, Attributes]:
        """Make the resource; returns its physical id and what Fn::GetAtt finds."""
        ...

    def update(self, physical_id: str, old: Properties, new: Properties) -> Attributes:
        """Change it in place."""
        ...

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Remove it; one that is already gone is no error."""
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
    """Turn a service's refusal into the failure of a stack.

    Raises:
        ValueError: the service answered with an error.
    """
    status, _, body = response
    if status >= 400:
        reason = body.decode() if isinstance(body, bytes) else str(body)
        raise ValueError(f"{action} was refused: {reason}")
