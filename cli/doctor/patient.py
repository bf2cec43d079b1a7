"""The environment that is examined: its AWS and its Snowflake, each looked up once."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from cli.output import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from snowflake.connector import SnowflakeConnection

    from cli.deployment import Deployment
    from cli.doctor.check import Finding
    from config.model import PipelineConfig
    from config.names import EventStream, StackId

Row = dict[str, Any]


class Patient:
    """An environment, with lookups that several checks share; close it after the examination."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.config: PipelineConfig = deployment.config
        self._session: SnowflakeConnection | CommandError | None = None
        self.client = cache(deployment.client)
        self.resources = cache(self._resources)
        self.rows = cache(self._rows)

    @property
    def region(self) -> str:
        """The environment's AWS region."""
        return self.deployment.region

    @cached_property
    def stacks(self) -> Mapping[str, Mapping[str, Any] | None]:
        """The description of each stack of the config; None for one that is not deployed."""
        from botocore.exceptions import ClientError

        found: dict[str, Mapping[str, Any] | None] = {}
        for name in self.config.names.stacks:
            try:
                (found[name],) = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
            except ClientError as error:
                if error.response["Error"]["Code"] != "ValidationError":
                    raise
                found[name] = None
        return found

    def stack(self, stack_id: StackId) -> Mapping[str, Any] | None:
        """The description of a stack; None if it is not deployed."""
        return self.stacks.get(self.config.names.stack(stack_id))

    def age(self, stack_id: StackId) -> float:
        """Seconds since a deployed stack was created."""
        stack = self.stack(stack_id) or {}
        created: datetime = stack["CreationTime"]
        return (datetime.now(UTC) - created).total_seconds()

    def output(self, stack_id: StackId, key: str) -> str:
        """The value of a deployed stack's output.

        Raises:
            KeyError: it has no such output.
        """
        stack = self.stack(stack_id) or {}
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}
        return str(outputs[key])

    def physical_ids(self, stack_id: StackId, resource_type: str) -> list[str]:
        """The names of a deployed stack's resources of a type."""
        return [
            str(resource["PhysicalResourceId"])
            for resource in self.resources(stack_id)
            if resource["ResourceType"] == resource_type
        ]

    def each_kind(self, look: Callable[[Patient, EventStream], Finding]) -> Finding:
        """The finding of all kinds of event."""
        from cli.doctor.check import worst

        return worst({stream.name: look(self, stream) for stream in self.config.event_streams})

    def logged_in(self) -> SnowflakeConnection:
        """The user's session in Snowflake.

        Raises:
            CommandError: it cannot be opened; tried once only.
        """
        if self._session is None:
            try:
                self._session = self.deployment.snowflake()
            except CommandError as error:
                self._session = error
        if isinstance(self._session, CommandError):
            raise self._session
        return self._session

    def close(self) -> None:
        """Log out."""
        if self._session is not None and not isinstance(self._session, CommandError):
            self._session.close()

    def run(self, sql: str) -> list[Row]:
        """Rows of a statement, with lower-case keys, read again each time."""
        from snowflake.connector import DictCursor

        with closing(self.logged_in().cursor(DictCursor)) as cursor:
            return [{str(key).lower(): value for key, value in row.items()} for row in cursor.execute(sql)]

    def _rows(self, sql: str) -> list[Row]:
        """Rows of a statement that several checks need."""
        return self.run(sql)

    def _resources(self, stack_id: StackId) -> list[Mapping[str, Any]]:
        """The resources of a deployed stack."""
        pages = self.client("cloudformation").get_paginator("list_stack_resources")
        return [
            resource
            for page in pages.paginate(StackName=self.config.names.stack(stack_id))
            for resource in page["StackResourceSummaries"]
        ]
