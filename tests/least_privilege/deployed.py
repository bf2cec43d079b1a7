"""Physical names of a template's resources where it is deployed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

# Makes a client of a service, with the administrator's keys unless others are given.
Connect = Callable[..., Any]


class Deployed:
    """The stacks of one environment.

    Args:
        connect: creates clients.
        prefix: how the stacks' names begin.
    """

    def __init__(self, connect: Connect, prefix: str) -> None:
        self.connect = connect
        self.prefix = prefix

    def names(self, resource_type: str, logical_id: str) -> Iterator[str]:
        """Physical ids of the resources of this type and logical id (without the hash at its end)."""
        cloudformation = self.connect("cloudformation")
        wanted = re.compile(rf"{logical_id}[0-9A-F]{{8}}")
        for stack in cloudformation.describe_stacks()["Stacks"]:
            if stack["StackName"].startswith(self.prefix):
                found = cloudformation.describe_stack_resources(StackName=stack["StackName"])
                for resource in found["StackResources"]:
                    if resource["ResourceType"] == resource_type and wanted.fullmatch(
                        resource["LogicalResourceId"]
                    ):
                        yield resource["PhysicalResourceId"]

    def name(self, resource_type: str, logical_id: str) -> str:
        """The physical id of the only resource of this type and logical id."""
        (name,) = self.names(resource_type, logical_id)
        return name
