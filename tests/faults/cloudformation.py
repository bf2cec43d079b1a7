"""CloudFormation as a custom resource sees it, through the CDK's Provider framework.

- Create: the answer names the physical id. After a failed Create the function gets no Delete (the framework marks the
  id and answers that Delete itself), and a retry is a new Create.
- Update: has the current physical id. A failed Update is followed by one with old and new properties swapped (the
  rollback); a retry repeats the first Update. An Update that answered with another id is followed, once the stack
  update is complete, by a Delete of the old id with the old properties.
- Delete: a failed one is sent again unchanged.
- Any event may arrive twice: delivery is at least once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.invocation import Answer, Event
from tests.faults.templates import Properties

Invoke = Callable[[Event], Answer]


@dataclass
class Deployed:
    """A resource as CloudFormation records it."""

    properties: Properties
    physical_id: str


class Stack:
    """The custom resources of one stack."""

    def __init__(self, invoke: Invoke) -> None:
        self.invoke = invoke
        self.resources: dict[str, Deployed] = {}
        self._superseded: list[tuple[str, Deployed]] = []

    def create(self, logical_id: str, properties: Properties) -> Answer:
        """Send a Create; the resource is recorded only after a success."""
        answer = self.invoke(_event("Create", logical_id, properties))
        if answer.status == "ok":
            self.resources[logical_id] = Deployed(properties, answer.physical_id)
        return answer

    def update(self, logical_id: str, properties: Properties) -> Answer:
        """Send an Update; after a failure the recorded resource is unchanged."""
        there = self.resources[logical_id]
        answer = self.invoke(self._update_event(logical_id, there.properties, properties))
        if answer.status == "ok":
            if answer.physical_id != there.physical_id:
                self._superseded.append((logical_id, there))
            self.resources[logical_id] = Deployed(properties, answer.physical_id)
        return answer

    def roll_back(self, logical_id: str, failed: Properties) -> Answer:
        """Send the failed Update again with old and new properties swapped."""
        there = self.resources[logical_id]
        return self.invoke(self._update_event(logical_id, failed, there.properties))

    def clean_up(self) -> list[Answer]:
        """Delete replaced resources, as CloudFormation does at the end of an update."""
        answers = [
            self.invoke(_event("Delete", logical_id, old.properties, physical_id=old.physical_id))
            for logical_id, old in self._superseded
        ]
        self._superseded.clear()
        return answers

    def delete(self, logical_id: str) -> Answer:
        """Send a Delete; after a success the resource is forgotten."""
        there = self.resources[logical_id]
        answer = self.invoke(_event("Delete", logical_id, there.properties, physical_id=there.physical_id))
        if answer.status == "ok":
            del self.resources[logical_id]
        return answer

    def _update_event(self, logical_id: str, old: Properties, new: Properties) -> Event:
        physical_id = self.resources[logical_id].physical_id
        return _event("Update", logical_id, new, old=old, physical_id=physical_id)


def _event(
    request: str,
    logical_id: str,
    properties: Properties,
    *,
    old: Properties | None = None,
    physical_id: str | None = None,
) -> Event:
    added = {
        "ServiceToken": "arn:aws:lambda:eu-west-1:000000000000:function:framework",
        "ServiceTimeout": "720",
    }
    event: Event = {
        "RequestType": request,
        "ResponseURL": "...",
        "StackId": "arn:aws:cloudformation:eu-west-1:000000000000:stack/landing/1",
        "RequestId": "1",
        "LogicalResourceId": logical_id,
        "ResourceType": f"Custom::Snowflake{logical_id}",
        "ResourceProperties": {**added, **properties},
    }
    if old is not None:
        event["OldResourceProperties"] = {**added, **old}
    if physical_id is not None:
        event["PhysicalResourceId"] = physical_id
    return event
