"""Values beyond a service's limits, and names that are taken, which AWS refuses in a stack and MiniStack accepts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services.cloudformation import provisioners

from laptop.aws.stack_limits import names, properties

Properties = Mapping[str, Any]


def install() -> None:
    """Check resources before they are created or updated. Call after all resource types are registered."""
    for resource_type in properties.LIMITS.keys() | names.NAMED.keys():
        own = provisioners._RESOURCE_HANDLERS[resource_type]
        own["create"] = _checked_create(resource_type, own["create"])
        if "update" in own:
            own["update"] = _checked_update(resource_type, own["update"])


def _checked_create(resource_type: str, create: Callable[..., Any]) -> Callable[..., Any]:
    def checked(logical_id: str, wanted: Properties, *more: Any) -> Any:
        properties.check(resource_type, wanted)
        names.require_free(resource_type, wanted)
        return create(logical_id, wanted, *more)

    return checked


def _checked_update(resource_type: str, update: Callable[..., Any]) -> Callable[..., Any]:
    def checked(physical_id: str, old: Properties, new: Properties, *more: Any, **options: Any) -> Any:
        properties.check(resource_type, new)
        properties.check_change(resource_type, old, new)
        return update(physical_id, old, new, *more, **options)

    return checked
