"""Plan of a deployment: from two sets of templates to CloudFormation's requests and their SQL statements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from cli.plan.forecast import Forecast, Key
from cli.plan.templates import PlannedResource, Resources
from snowflake_setup import lifecycle
from snowflake_setup.objects.actions import Remark, Step
from snowflake_setup.objects.physical_id import PhysicalId
from snowflake_setup.session.errors import SetupError, SnowflakeError
from snowflake_setup.session.properties import Properties
from snowflake_setup.session.session import Session
from snowflake_setup.sql.base import Statement

Action = Literal["create", "update", "delete"]


@dataclass
class PlannedRequest:
    """One CloudFormation request and its consequences.

    Attributes:
        action: Create, Update or Delete.
        resource: the resource it is about.
        asked: the read-only statements that the plan itself has sent.
        content: the statements that the Lambda would send, and remarks, in order.
        refused: why the request would fail.
        absent: whether the object was not found.
    """

    action: Action
    resource: PlannedResource
    asked: list[Statement] = field(default_factory=list)
    content: list[Statement | Remark] = field(default_factory=list)
    refused: str | None = None
    absent: bool = False

    @property
    def statements(self) -> list[Statement]:
        """The statements that change something."""
        return [part for part in self.content if isinstance(part, Statement)]

    @property
    def unknown(self) -> list[str]:
        """Parts of the plan that are known only at deployment."""
        return [remark.message for remark in self._remarks if remark.unknown]

    @property
    def remarks(self) -> list[Remark]:
        """The other remarks."""
        return [remark for remark in self._remarks if not remark.unknown]

    @property
    def _remarks(self) -> list[Remark]:
        return [part for part in self.content if isinstance(part, Remark)]


@dataclass(frozen=True)
class Plan:
    """The plan of a deployment.

    Attributes:
        requests: in order.
        untouched: resources that CloudFormation leaves alone, with the reason.
        unreadable: by logical id, why the deployed properties of an object cannot be used.
        drift: the requests that would undo drift; None if Snowflake was not queried.
        stack_refusals: why CloudFormation would refuse the change of a stack.
    """

    requests: list[PlannedRequest]
    untouched: list[tuple[PlannedResource, str]]
    unreadable: dict[str, str]
    drift: list[PlannedRequest] | None
    stack_refusals: list[str]

    @property
    def refused(self) -> bool:
        """True if the deployment would fail and be rolled back."""
        return bool(self.stack_refusals) or any(request.refused for request in self.requests)


def make_plan(resources: Resources, account: str, session: Session | None) -> Plan:
    """Plan a deployment.

    Args:
        resources: the deployed and the wanted resources.
        account: the name of the Snowflake account.
        session: the session for queries; None to assume that Snowflake is as deployed.

    Raises:
        SnowflakeError: Snowflake does not answer in the session.
    """
    assumed, unreadable = _assumed(resources.deployed, account)
    drift = None
    if session is not None:
        planner = _Planner(Forecast(account, session, assumed))
        there = [resource for resource in resources.deployed if _is_there(resource, account)]
        again = [planner.request("update", resource, resource) for resource in there]
        drift = [request for request in again if request.statements or request.refused]
    planner = _Planner(Forecast(account, session, assumed))
    requests, untouched = planner.deployment(resources)
    return Plan(requests, untouched, unreadable, drift, resources.refusals)


def _assumed(deployed: list[PlannedResource], account: str) -> tuple[dict[Key, Any], dict[str, str]]:
    """The objects as they were deployed, and those whose properties cannot be read."""
    assumed: dict[Key, Any] = {}
    unreadable: dict[str, str] = {}
    for resource in deployed:
        if not _is_there(resource, account):
            continue
        kind = lifecycle.resource_of(_event("Update", resource))
        try:
            spec = kind.read(Properties(resource.properties, resource.type))
        except SetupError as error:
            unreadable[resource.logical_id] = str(error)
            continue
        if (shown := kind.assumed(spec)) is not None:
            assumed[kind.shown, spec.name] = shown
    return assumed, unreadable


class _Planner:
    """Runs the Lambda's planning code for one request after the other."""

    def __init__(self, forecast: Forecast) -> None:
        self._forecast = forecast
        self._physical_ids: dict[tuple[str, str], str] = {}

    def deployment(
        self, resources: Resources
    ) -> tuple[list[PlannedRequest], list[tuple[PlannedResource, str]]]:
        """All requests of the deployment, and the resources without one; CloudFormation deletes last."""
        before = {resource.key: resource for resource in resources.deployed}
        requests: list[PlannedRequest] = []
        untouched: list[tuple[PlannedResource, str]] = []
        for resource in resources.wanted:
            old = before.get(resource.key)
            if old is not None and old.properties == resource.properties:
                untouched.append((resource, "its properties are unchanged"))
            else:
                requests.append(self.request("update" if old else "create", resource, old))
        wanted = {resource.key for resource in resources.wanted}
        gone = [resource for resource in reversed(resources.deployed) if resource.key not in wanted]
        for resource in [*self._renamed(requests, before), *gone]:
            if resource.kept_on_delete:
                untouched.append((resource, "no longer in the template, kept by its DeletionPolicy"))
            else:
                requests.append(self.request("delete", resource))
        return requests, untouched

    def _renamed(
        self, requests: list[PlannedRequest], before: dict[tuple[str, str], PlannedResource]
    ) -> Iterator[PlannedResource]:
        """Old objects that CloudFormation deletes because their physical id changes."""
        for request in list(requests):
            old = before.get(request.resource.key)
            if old is None or old.physical_id is None or request.refused:
                continue
            if self._physical_ids[request.resource.key] != old.physical_id:
                yield old

    def request(
        self, action: Action, resource: PlannedResource, old: PlannedResource | None = None
    ) -> PlannedRequest:
        """Plan a request, and record its effect for the next one."""
        found = PlannedRequest(action, resource)
        event = _event(action.capitalize(), resource, old)
        forecast = self._forecast
        try:
            planned = lifecycle.plan(event, forecast.invocation.account, forecast.see)
            for step in planned.actions:
                found.content += (
                    step.preview(forecast.see, forecast.invocation) if isinstance(step, Step) else [step]
                )
        except SnowflakeError:
            raise  # the plan cannot query, which does not mean that the deployment would fail
        except SetupError as error:
            found.content, found.refused = [], str(error)
        else:
            found.absent = planned.there is None
            self._physical_ids[resource.key] = planned.physical_id
            for left in planned.leaves():
                forecast.expect(*left)
        found.asked = forecast.questions.take()
        found.content += forecast.warnings.take()
        return found


def _is_there(resource: PlannedResource, account: str) -> bool:
    """True if the resource has an object in this Snowflake account."""
    there = PhysicalId.parse(resource.physical_id or "")
    return there is not None and there.account == account


def _event(request: str, resource: PlannedResource, old: PlannedResource | None = None) -> dict[str, Any]:
    event: dict[str, Any] = {
        "RequestType": request,
        "ResourceType": resource.type,
        "StackId": resource.stack_id,
        "LogicalResourceId": resource.logical_id,
        "ResourceProperties": resource.properties,
        "PhysicalResourceId": resource.physical_id or "",
    }
    return {**event, "OldResourceProperties": old.properties} if old else event
