"""A delivery stream with a function in front of its bucket."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

from laptop.testing.aws import ACCOUNT, REGION, ROLE, Emulator, unique, zipped

LAMBDA = "lambda.amazonaws.com"
APPEND_DELIMITER = {"Type": "AppendDelimiterToRecord", "Parameters": []}
# Functions see the whole event in `event`, and each record's text in `text(record)`.
HANDLER = """
import base64, json, os, time
def text(record):
    return base64.b64decode(record["data"]).decode()
def answer(record, result, data=None):
    return {{"recordId": record["recordId"], "result": result}} | (
        {{}} if data is None else {{"data": base64.b64encode(data.encode()).decode()}})
def handler(event, context):
    records = event["records"]
{body}
"""
# Upper case, except for records that ask for another result.
BY_TEXT = """
    return {"records": [
        answer(r, text(r)) if text(r) in ("Dropped", "ProcessingFailed") else answer(r, "Ok", text(r).upper())
        for r in records
    ]}
"""


def held(bucket: str) -> str:
    """A function's body that does not end before the bucket has the object `end`; `running` says that it began."""
    return f"""
    import boto3
    client = boto3.client("s3")
    client.put_object(Bucket="{bucket}", Key="running")
    while client.list_objects_v2(Bucket="{bucket}", Prefix="end").get("KeyCount") == 0:
        time.sleep(0.1)
{BY_TEXT}"""


def function(emulator: Emulator, body: str = BY_TEXT, **more: Any) -> str:
    """Create a function; return its ARN."""
    created = emulator.client("lambda").create_function(
        FunctionName=unique("transform"),
        Runtime="python3.13",
        Role=ROLE,
        Handler="index.handler",
        Code={"ZipFile": zipped({"index.py": HANDLER.format(body=body)})},
        **{"Timeout": 30, **more},
    )
    return str(created["FunctionArn"])


def processor(arn: str, **more: Any) -> dict[str, Any]:
    """A processor that invokes the function, after a buffer of a few milliseconds."""
    chosen = {"LambdaArn": arn, "BufferIntervalInSeconds": "0", **more}
    parameters = [{"ParameterName": name, "ParameterValue": str(value)} for name, value in chosen.items()]
    return {"Type": "Lambda", "Parameters": parameters}


class TransformedStream:
    """A delivery stream with these processors, its bucket and its log."""

    def __init__(
        self,
        emulator: Emulator,
        *processors: dict[str, Any],
        role: str = ROLE,
        kinesis: str | None = None,
        interval: int = 0,
        **more: Any,
    ) -> None:
        self.emulator = emulator
        self.bucket = emulator.create_bucket()
        self.name = unique("delivery")
        self.arn = f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/{self.name}"
        self.log_group = unique("/firehose")
        logs = emulator.client("logs")
        logs.create_log_group(logGroupName=self.log_group)
        logs.create_log_stream(logGroupName=self.log_group, logStreamName="S3Delivery")
        source: dict[str, Any] = {}
        if kinesis:
            stream = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{kinesis}"
            source = {
                "DeliveryStreamType": "KinesisStreamAsSource",
                "KinesisStreamSourceConfiguration": {"KinesisStreamARN": stream, "RoleARN": role},
            }
        emulator.client("firehose").create_delivery_stream(
            DeliveryStreamName=self.name,
            ExtendedS3DestinationConfiguration={
                "BucketARN": f"arn:aws:s3:::{self.bucket}",
                "RoleARN": role,
                "Prefix": "events/",
                "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/",
                "BufferingHints": {"IntervalInSeconds": interval, "SizeInMBs": 1},
                "ProcessingConfiguration": {"Enabled": True, "Processors": list(processors)},
                "CloudWatchLoggingOptions": {
                    "Enabled": True,
                    "LogGroupName": self.log_group,
                    "LogStreamName": "S3Delivery",
                },
                **more,
            },
            **source,
        )
        emulator.active_delivery_stream(self.name)

    def put(self, *payloads: bytes) -> None:
        """Put records in one request."""
        answer = self.emulator.client("firehose").put_record_batch(
            DeliveryStreamName=self.name, Records=[{"Data": payload} for payload in payloads]
        )
        assert answer["FailedPutCount"] == 0

    def delivered(self) -> bytes:
        """Everything in the folder for events."""
        return b"".join(body for _, body in sorted(self.emulator.objects(self.bucket, "events/").items()))

    def events(self) -> list[dict[str, Any]]:
        """The requests that a function delivered as its records."""
        return [json.loads(line) for line in self.delivered().splitlines()]

    def failed(self) -> list[dict[str, Any]]:
        """The documents in the folder for errors."""
        objects = self.emulator.objects(self.bucket, "errors/processing-failed/")
        bodies = [gzip.decompress(body) if key.endswith(".gz") else body for key, body in objects.items()]
        return [json.loads(line) for body in bodies for line in body.splitlines()]

    def failed_data(self) -> list[bytes]:
        """The raw data of failed records, sorted."""
        return sorted(base64.b64decode(document["rawData"]) for document in self.failed())

    def logged(self) -> list[dict[str, Any]]:
        """The delivery stream's error log."""
        events = self.emulator.client("logs").filter_log_events(logGroupName=self.log_group)["events"]
        return [json.loads(event["message"]) for event in events]
