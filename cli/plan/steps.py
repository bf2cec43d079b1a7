"""From two sets of templates to what CloudFormation will ask of the Lambda, and what that sends to Snowflake."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from cli.plan.marks import known_at_run_time
from cli.plan.rehearsal import Rehearsal, is_question, log_lines
from cli.plan.templates import PlannedResource, Resources
from snowflake_setup.lifecycle import handle
from snowflake_setup.objects.physical_id import PhysicalId
from snowflake_setup.session.errors import SetupError
from snowflake_setup.session.tools import Tools
from snowflake_setup.sql.base import Statement

Action = Literal["create", "update", "delete"]
# Told by the statements already, or of no use to a reader of plans.
_QUIET = {"statement", "statement refused", "pipe drained", "pipe fed", "nothing to drop"}


@dataclass
class Step:
    """One request of CloudFormation's and what comes of it."""

    action: Action
    resource: PlannedResource
    object: str
    sent: list[Statement] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    at_run_time: list[str] = field(default_factory=list)
    refused: str | None = None

    @property
    def statements(self) -> list[Statement]:
        """Those that change something."""
        return [statement for statement in self.sent if not is_question(statement)]

    @property
    def quiet(self) -> bool:
        """Whether Snowflake stays as it is."""
        return not (self.statements or self.at_run_time or self.refused)


@dataclass(frozen=True)
class Plan:
    """The requests in order, and what is not touched at all, with the reason."""

    steps: list[Step]
    untouched: list[tuple[PlannedResource, str]]

    @property
    def refused(self) -> bool:
        """Whether a deployment would fail and be rolled back."""
        return any(step.refused for step in self.steps)


class Planner:
    """Rehearses what is deployed, then what is wanted."""

    def __init__(self, rehearsal: Rehearsal, tools: Tools, log: io.StringIO) -> None:
        self._rehearsal = rehearsal
        self._tools = tools
        self._log = log
        self._physical_ids: dict[tuple[str, str], str] = {}

    def recall(self, deployed: list[PlannedResource]) -> dict[str, str]:
        """Bring the rehearsal to what the deployed properties say; what that did not work for, and why."""
        failed: dict[str, str] = {}
        for resource in deployed:
            if not self._is_of_this_account(resource):
                continue
            try:
                handle(_event("Create", resource), self._tools)
            except SetupError as error:
                failed[resource.logical_id] = str(error)
        self._rehearsal.forget()
        log_lines(self._log)
        return failed

    def plan(self, resources: Resources) -> Plan:
        """Every request of the deployment; CloudFormation deletes last."""
        before = {resource.key: resource for resource in resources.deployed}
        steps: list[Step] = []
        untouched: list[tuple[PlannedResource, str]] = []
        for resource in resources.wanted:
            old = before.get(resource.key)
            if old is not None and old.properties == resource.properties:
                untouched.append((resource, "its properties are the deployed ones"))
                continue
            steps.append(self._rehearse("update" if old else "create", resource, old))
        wanted = {resource.key for resource in resources.wanted}
        gone = [resource for resource in reversed(resources.deployed) if resource.key not in wanted]
        renamed = list(self._renamed(steps, before))
        for resource in [*renamed, *gone]:
            if resource.kept_on_delete:
                untouched.append((resource, "no longer in the template, kept by its DeletionPolicy"))
            else:
                steps.append(self._rehearse("delete", resource, None))
        return Plan(steps, untouched)

    def _renamed(
        self, steps: list[Step], before: dict[tuple[str, str], PlannedResource]
    ) -> Iterator[PlannedResource]:
        """What CloudFormation deletes because its successor has another physical id."""
        for step in steps:
            old = before.get(step.resource.key)
            if step.action != "update" or old is None or old.physical_id is None or step.refused:
                continue
            if self._physical_ids.get(step.resource.key) != old.physical_id:
                yield old

    def _rehearse(self, action: Action, resource: PlannedResource, old: PlannedResource | None) -> Step:
        step = Step(action, resource, _name(resource))
        try:
            physical_id, _ = handle(_event(action.capitalize(), resource, old), self._tools)
            self._physical_ids[resource.key] = physical_id
        except SetupError as error:
            step.refused = str(error)
        step.sent = self._rehearsal.take()
        step.at_run_time = known_at_run_time(step.sent, ask_account=self._rehearsal.knows_files)
        step.notes = [_told(line) for line in log_lines(self._log) if line["message"] not in _QUIET]
        return step

    def _is_of_this_account(self, resource: PlannedResource) -> bool:
        there = PhysicalId.parse(resource.physical_id or "")
        return there is None or there.account == self._tools.account


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


def _name(resource: PlannedResource) -> str:
    named = resource.properties.get("Pipe", resource.properties)
    parts = [named.get(part) for part in ("Database", "Schema", "Name")]
    return ".".join(str(part) for part in parts if part) or resource.logical_id


def _told(line: dict[str, object]) -> str:
    shown = {name: value for name, value in line.items() if name not in ("level", "message", "object")}
    rest = ", ".join(f"{name}: {value}" for name, value in shown.items())
    return f"{line['message']}" + (f" ({rest})" if rest else "")
