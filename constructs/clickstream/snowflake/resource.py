"""The custom resource for one object in Snowflake."""

from __future__ import annotations

from collections.abc import Mapping

from constructs import Construct, IDependable

from clickstream.snowflake.names import SnowflakeName
from clickstream.snowflake.provider import SnowflakeProvider
from clickstream_wire.resources import OWNER_ROLE, ResourceType


class SnowflakeObject(Construct):
    """One object in Snowflake, created, altered and dropped together with its CloudFormation resource.

    Args:
        scope: the parent.
        construct_id: its name there.
        provider: the Lambda that carries this out.
        resource_type: the custom resource type of its kind.
        name: the object's full name.
        properties: the properties of its kind, including its name.
        after: objects that must exist before this one, and outlive it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        provider: SnowflakeProvider,
        resource_type: ResourceType,
        name: SnowflakeName,
        properties: Mapping[str, object],
        after: tuple[IDependable, ...] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        self._name = name
        owned = {**properties, OWNER_ROLE: provider.role}
        self._resource = provider.serve(self, "Resource", resource_type, owned)
        for dependency in after:
            self._resource.node.add_dependency(dependency)

    @property
    def name(self) -> SnowflakeName:
        """The object's full name, for statements and other objects that refer to it."""
        return self._name
