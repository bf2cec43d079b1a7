"""The resources of a landing, with the properties from the CDK constructs."""

from __future__ import annotations

from typing import Any

Properties = dict[str, Any]

# In the order in which CloudFormation creates them; it deletes them in reverse.
ORDER = ("FileFormat", "StorageIntegration", "Stage", "Table", "View", "DynamicTable", "Pipe", "PipeRefresh")
CREDENTIALS_ARN = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:lake-reader"
BUCKET, PREFIX = "lake", "events/"


def landing(database: str, schema: str, warehouse: str) -> dict[str, Properties]:
    """Properties by logical id."""

    def name(of: str) -> Properties:
        return {"Database": database, "Schema": schema, "Name": of}

    url = f"s3://{BUCKET}/{PREFIX}"
    return {
        "FileFormat": {
            **name("EVENT_JSON"),
            "Compression": "AUTO",
            "StripOuterArray": "true",
            "MultiLine": "false",
            "Comment": "events",
        },
        "StorageIntegration": {
            "Name": "LAKE_INTEGRATION",
            "RoleArn": "arn:aws:iam::000000000000:role/lake-reader",
            "ExternalId": "ours",
            "AllowedLocations": [url],
            "Comment": "reads the lake",
        },
        "Stage": {
            **name("LAKE"),
            "Url": url,
            "CredentialsSecretArn": CREDENTIALS_ARN,
            "CredentialsSerial": "1",
            "Comment": "the lake",
        },
        "Table": {
            **name("CLICK_EVENTS"),
            "Columns": [
                {"Name": "EVENT_ID", "Type": "VARCHAR", "Comment": "identity"},
                {"Name": "SOURCE_FILE", "Type": "VARCHAR"},
                {"Name": "RECEIVED_AT", "Type": "TIMESTAMP_TZ"},
            ],
            "SchemaEvolution": "true",
            "ErrorLogging": "true",
            "Comment": "clicks",
            "OnDelete": "retain",
        },
        "View": {
            **name("CLICKS"),
            "Table": name("CLICK_EVENTS"),
            "Key": "EVENT_ID",
            "Order": ["SOURCE_FILE"],
            "Columns": ["EVENT_ID", "SOURCE_FILE"],
            "Comment": "each click once",
        },
        "DynamicTable": {
            **name("CLICKS_TABLE"),
            "Table": name("CLICK_EVENTS"),
            "Key": "EVENT_ID",
            "Order": ["SOURCE_FILE"],
            "Arrival": ["RECEIVED_AT"],
            "LateDays": "7",
            "Columns": ["EVENT_ID", "SOURCE_FILE"],
            "TargetLagMinutes": "60",
            "Warehouse": warehouse,
            "Comment": "each click once",
        },
        "Pipe": {
            **name("CLICK_PIPE"),
            "Table": name("CLICK_EVENTS"),
            "Stage": name("LAKE"),
            "StageUrl": url,
            "FileFormat": name("EVENT_JSON"),
            "Metadata": [{"Column": "SOURCE_FILE", "Source": "METADATA$FILENAME"}],
            "OnError": "CONTINUE",
            "Comment": "loads clicks",
        },
        "PipeRefresh": {"Pipe": name("CLICK_PIPE"), "Trigger": "first"},
    }
