"""The tables and views that the deployed stacks made in Snowflake, and what landed in them last."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from laptop.page.stand_in import StandIn

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

_TYPES = {"Custom::SnowflakeTable": "table", "Custom::SnowflakeView": "view"}
# `<account>/TABLE/"DB"."SCHEMA"."NAME"`; a resource that failed to be created has an id of another form.
_PART = r'"(?:[^"]|"")+"'
_PHYSICAL_ID = re.compile(rf"[^/]+/(?:TABLE|VIEW)/(?P<name>{_PART}\.{_PART}\.{_PART})")
# The columns that tell the order of arrival, where a table has them.
_ARRIVAL = ("LOADED_AT", "SOURCE_FILE", "SOURCE_ROW")


class DeployedTable(BaseModel):
    """A table or view, by its quoted name."""

    name: str
    kind: str


class LatestRows(BaseModel):
    """The newest rows, newest first; values as text, as Snowflake would show them."""

    table: str
    count: int
    ordered_by: str | None
    columns: list[str]
    rows: list[list[str | None]]


def deployed_tables(cloudformation: CloudFormationClient) -> list[DeployedTable]:
    """Every table, then every view, that a stack has now."""
    found = [
        DeployedTable(name=name["name"], kind=_TYPES[kind])
        for kind, physical_id in _resources(cloudformation)
        if kind in _TYPES and (name := _PHYSICAL_ID.fullmatch(physical_id))
    ]
    return sorted(found, key=lambda table: table.kind)


def latest_rows(stand_in: StandIn, table: DeployedTable, *, limit: int) -> LatestRows:
    """The newest `limit` rows, and how many there are in all."""
    described = [row[0] for row in stand_in.run(f"DESC TABLE {table.name}").rows]
    order = [column for column in _ARRIVAL if column in described]
    by = ", ".join(f'"{column}" DESC' for column in order)
    found = stand_in.run(f"SELECT * FROM {table.name} {'ORDER BY ' + by if by else ''} LIMIT {limit:d}")
    ((count,),) = stand_in.run(f"SELECT COUNT(*) FROM {table.name}").rows
    return LatestRows(
        table=table.name,
        count=count,
        ordered_by=order[0] if order else None,
        columns=found.columns,
        rows=[[_text(value) for value in row] for row in found.rows],
    )


def _resources(cloudformation: CloudFormationClient) -> Iterator[tuple[str, str]]:
    for stacks in cloudformation.get_paginator("describe_stacks").paginate():
        for stack in stacks["Stacks"]:
            pages = cloudformation.get_paginator("list_stack_resources").paginate(
                StackName=stack["StackName"]
            )
            for page in pages:
                for resource in page["StackResourceSummaries"]:
                    yield resource["ResourceType"], resource.get("PhysicalResourceId", "")


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
