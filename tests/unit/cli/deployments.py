"""Deployments in CloudFormation's order, against the Lambda's code and a fake Snowflake."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.plan.templates import PlannedResource, Resources
from snowflake_setup.lifecycle import handle
from snowflake_setup.session.errors import SetupError
from snowflake_setup.sql.base import Statement
from tests.unit.cli.assemblies import STACK
from tests.unit.snowflake_setup.fakes import Bench, bench

STACK_ID = f"arn:stack/{STACK}"
KEY = {"aws_access_key_id": "***", "aws_secret_access_key": "***"}


@dataclass
class Carried:
    """One request, and its statements that changed something."""

    action: str
    logical_id: str
    statements: list[Statement] = field(default_factory=list)
    refused: str | None = None


def account() -> Bench:
    """A fake Snowflake with today's date, whose keys look like those in a plan."""
    there = bench()
    there.secrets.secrets["arn:aws:secretsmanager:secret:key"] = KEY
    there.clock.time = datetime.now(UTC)
    there.clock.end = there.clock.time + timedelta(days=1)
    return there


def deploy(found: Resources, there: Bench) -> list[Carried]:
    """Run the deployment, up to the first request that fails."""
    before = {resource.key: resource for resource in found.deployed}
    carried: list[Carried] = []
    superseded: list[PlannedResource] = []
    for resource in found.wanted:
        old = before.pop(resource.key, None)
        if old and old.properties == resource.properties:
            continue
        carried.append(Carried("update" if old else "create", resource.logical_id))
        physical_id = request(carried[-1], resource, there, old)
        if carried[-1].refused:
            return carried
        if old and physical_id != old.physical_id:
            superseded.append(old)
    for resource in [*superseded, *reversed(before.values())]:
        carried.append(Carried("delete", resource.logical_id))
        request(carried[-1], resource, there)
    return carried


def request(
    carried: Carried, resource: PlannedResource, there: Bench, old: PlannedResource | None = None
) -> str | None:
    """Send one request to the Lambda's code; return the physical id of the answer."""
    event: dict[str, Any] = {
        "RequestType": carried.action.capitalize(),
        "ResourceType": resource.type,
        "StackId": STACK_ID,
        "LogicalResourceId": resource.logical_id,
        "ResourceProperties": resource.properties,
        "PhysicalResourceId": resource.physical_id,
        "OldResourceProperties": old.properties if old else {},
    }
    there.snowflake.sent.clear()
    physical_id = None
    try:
        physical_id, _ = handle(event, there.invocation)
    except SetupError as error:
        carried.refused = str(error)
    carried.statements = [statement for statement in there.snowflake.sent if not statement.reads]
    return physical_id
