"""The synchronous invocation of a delivery stream's function.

https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-failure-handling.html
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesisfirehose.html
"""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Sequence
from typing import Any

from ministack.core.responses import get_region
from ministack.services import lambda_svc

from laptop.aws.firehose import role
from laptop.aws.firehose.lambda_answer import TransformationError
from laptop.aws.firehose.processors import FunctionSettings
from laptop.aws.firehose.record import Record

Event = dict[str, Any]

_MAX_ANSWER_BYTES = 6_291_556
_MAX_SECONDS = 300.0


def event_of(records: Sequence[Record], stream_arn: str, source_arn: str | None) -> Event:
    """The request for a batch of records; its ids stay the same when it is retried."""
    source = {"sourceKinesisStreamArn": source_arn} if source_arn else {}
    return {
        "invocationId": str(uuid.uuid4()),
        **source,
        "deliveryStreamArn": stream_arn,
        "region": get_region(),
        "records": [_entry(record) for record in records],
    }


def invoke(function: FunctionSettings, stream_arn: str, event: Event) -> Any:
    """Invoke the function as the delivery stream's role; return its answer.

    Raises:
        TransformationError: it may not be invoked, or it failed.
    """
    _require_right(function, stream_arn)
    found, config, _ = lambda_svc._get_func_record_for_ref(function.arn)
    if not found or not config:
        raise TransformationError(
            "Lambda.ResourceNotFound",
            "The specified Lambda function does not exist. Use a different function that does exist.",
        )
    began = time.monotonic()
    record = lambda_svc._execution_record_for_config(found, config)
    result = lambda_svc._execute_function_with_config_scope(record, event)
    return _answer(result, time.monotonic() - began)


def _answer(result: dict[str, Any], seconds: float) -> Any:
    body = result.get("body")
    if result.get("throttle"):
        raise TransformationError(
            "Lambda.InvokeLimitExceeded",
            "The Lambda concurrent execution limit is exceeded. Increase the concurrent execution limit.",
            transient=True,
        )
    timed_out = isinstance(body, dict) and body.get("errorType") == "Sandbox.Timedout"
    if (result.get("error") and timed_out) or seconds > _MAX_SECONDS:
        raise TransformationError(
            "Lambda.FunctionTimedOut",
            "The Lambda function timed out. Increase the Timeout setting in the Lambda function.",
            transient=True,
        )
    too_large = len(json.dumps(body, ensure_ascii=False).encode(errors="replace")) > _MAX_ANSWER_BYTES
    if result.get("error") or too_large:
        raise TransformationError(
            "Lambda.FunctionError",
            "The Lambda function was successfully invoked but it returned an error result.",
        )
    return body


def _require_right(function: FunctionSettings, stream_arn: str) -> None:
    """Check the role for the function and for its version: AWS documents neither as the one that is invoked."""
    # arn:aws:lambda:<region>:<account>:function:<name>[:<version>]
    versioned = function.arn if function.arn.count(":") > 6 else f"{function.arn}:$LATEST"
    try:
        for arn in {function.arn, versioned}:
            role.require(function.role_arn, stream_arn, "lambda:InvokeFunction", arn)
    except role.NotTrustedError as denied:
        raise TransformationError(
            "Lambda.AssumeRoleAccessDenied",
            "Access was denied. Ensure that the trust policy for the provided IAM role allows Amazon Data "
            f"Firehose to assume the role. {denied}",
        ) from denied
    except role.RoleDeniedError as denied:
        raise TransformationError(
            "Lambda.InvokeAccessDenied",
            f"Access was denied. Ensure that the access policy allows access to the Lambda function. {denied}",
        ) from denied


def _entry(record: Record) -> Event:
    entry: Event = {
        "recordId": f"{uuid.uuid4().int:039d}000000",
        "approximateArrivalTimestamp": _milliseconds(record.put_at),
        "data": base64.b64encode(record.data).decode(),
    }
    if record.kinesis:
        entry["recordId"] = f"{record.kinesis.sequence_number}{record.kinesis.part:06d}"
        entry["kinesisRecordMetadata"] = {
            "sequenceNumber": record.kinesis.sequence_number,
            # AWS does not say that the records of an aggregate have one.
            "subsequenceNumber": "",
            "partitionKey": record.kinesis.partition_key,
            "shardId": record.kinesis.shard_id,
            "approximateArrivalTimestamp": _milliseconds(record.kinesis.put_at),
        }
    return entry


def _milliseconds(moment: float) -> int:
    return round(moment * 1000)
