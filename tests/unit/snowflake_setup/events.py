"""CloudFormation requests as tests write them."""

from __future__ import annotations

from typing import Any

from snowflake_setup.lifecycle import handle
from tests.unit.snowflake_setup.fakes import Bench

HOME = {"Database": "CLICKSTREAM", "Schema": "RAW"}
FULL = '"CLICKSTREAM"."RAW"'


def name(of: str) -> dict[str, str]:
    return {**HOME, "Name": of}


FILE_FORMAT: dict[str, Any] = {
    **name("EVENT_JSON"),
    "Compression": "AUTO",
    "StripOuterArray": "true",
    "MultiLine": "false",
    "Comment": "events",
}
STAGE: dict[str, Any] = {
    **name("LAKE"),
    "Url": "s3://lake/events/",
    "CredentialsSecretArn": "arn:key",
    "CredentialsSerial": "1",
    "Comment": "lake",
}
TABLE: dict[str, Any] = {
    **name("CLICK_EVENTS"),
    "Columns": [
        {"Name": "EVENT_ID", "Type": "VARCHAR", "Comment": "identity"},
        {"Name": "TIMESTAMP", "Type": "TIMESTAMP_TZ"},
    ],
    "SchemaEvolution": "true",
    "Comment": "clicks",
    "OnDelete": "retain",
}
PIPE: dict[str, Any] = {
    **name("CLICK_PIPE"),
    "Table": name("CLICK_EVENTS"),
    "Stage": name("LAKE"),
    "FileFormat": name("EVENT_JSON"),
    "OnError": "CONTINUE",
    "Metadata": [{"Column": "SOURCE_FILE", "Source": "METADATA$FILENAME"}],
    "Comment": "loads clicks",
    "StageUrl": "s3://lake/events/",
}
INTEGRATION: dict[str, Any] = {
    "Name": "LAKE_READER",
    "RoleArn": "arn:aws:iam::123456789012:role/lake-reader",
    "ExternalId": "ours-1",
    "AllowedLocations": ["s3://lake/events/"],
    "Comment": "reads the lake",
}
BOUND_STAGE: dict[str, Any] = {
    **name("LAKE"),
    "Url": "s3://lake/events/",
    "StorageIntegration": "LAKE_READER",
    "Comment": "lake",
}
VIEW: dict[str, Any] = {
    **name("CLICKS"),
    "Table": name("CLICK_EVENTS"),
    "Key": "EVENT_ID",
    "Order": ["TIMESTAMP"],
    "TypeColumn": "EVENT_TYPE",
    "EventTime": "TIMESTAMP",
    "Arrival": ["TIMESTAMP"],
    "LateDays": "7",
    "Columns": ["EVENT_ID", "EVENT_TYPE", "TIMESTAMP"],
    "Comment": "each click once",
}
DYNAMIC_TABLE: dict[str, Any] = {
    **VIEW,
    **name("CLICKS_TABLE"),
    "TargetLagMinutes": "60",
    "Warehouse": "COMPUTE_WH",
}
REFRESH: dict[str, Any] = {"Pipe": name("CLICK_PIPE"), "Trigger": "1"}


def send(
    bench: Bench,
    request: str,
    kind: str,
    properties: dict[str, Any],
    *,
    old: dict[str, Any] | None = None,
    physical_id: str | None = None,
    logical_id: str = "Thing",
) -> tuple[str, dict[str, str]]:
    """Send one request, after clearing the record of earlier statements."""
    bench.snowflake.sent.clear()
    event = {
        "RequestType": request,
        "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/Landing/1",
        "LogicalResourceId": logical_id,
        "ResourceType": f"Custom::Snowflake{kind}",
        "ResourceProperties": {"ServiceToken": "arn:lambda", "ServiceTimeout": "600", **properties},
        "OldResourceProperties": {"ServiceToken": "arn:lambda", **(old or {})},
    }
    if physical_id is not None:
        event["PhysicalResourceId"] = physical_id
    return handle(event, bench.invocation)
