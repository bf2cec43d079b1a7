"""The Lambda processors of a delivery stream: which records pass, which are dropped, which fail."""

from __future__ import annotations

import base64
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import get_region
from ministack.services import lambda_svc

from local.aws.firehose.s3_object import Destination


@dataclass
class Outcome:
    """What became of a batch's records; those in neither list were dropped on purpose."""

    passed: list[bytes] = field(default_factory=list)
    failed: list[tuple[bytes, str]] = field(default_factory=list)

    def failure_report(self, arrived: float) -> bytes:
        """The failed records as AWS writes them under the error prefix: one JSON line each."""
        now = int(time.time() * 1000)
        lines = [
            {
                "attemptsMade": 1,
                "arrivalTimestamp": int(arrived * 1000),
                "errorCode": "Lambda.FunctionError",
                "errorMessage": reason,
                "attemptEndingTimestamp": now,
                "rawData": base64.b64encode(record).decode(),
            }
            for record, reason in self.failed
        ]
        return "".join(json.dumps(line) + "\n" for line in lines).encode()


def transformed(destination: Destination, records: list[bytes]) -> Outcome:
    """Send records through the stream's Lambda processors, in their order."""
    outcome = Outcome(passed=records)
    for function_arn in _lambda_processors(destination.config):
        ids = [uuid.uuid4().hex for _ in outcome.passed]
        answers = _invoke(destination, function_arn, dict(zip(ids, outcome.passed, strict=True)))
        outcome = _judge(dict(zip(ids, outcome.passed, strict=True)), answers, outcome.failed)
    return outcome


def _lambda_processors(config: dict[str, Any]) -> list[str]:
    processing = config.get("ProcessingConfiguration") or {}
    if not processing.get("Enabled"):
        return []
    return [
        parameter["ParameterValue"]
        for processor in processing.get("Processors") or []
        if processor.get("Type") == "Lambda"
        for parameter in processor.get("Parameters") or []
        if parameter.get("ParameterName") == "LambdaArn"
    ]


def _invoke(
    destination: Destination, function_arn: str, records: dict[str, bytes]
) -> dict[str, dict[str, Any]] | str:
    """The function's answers by record id, or why there are none."""
    name, qualifier = lambda_svc._resolve_name_and_qualifier(function_arn)
    function, _ = lambda_svc._get_func_record_for_qualifier(name, qualifier)
    if function is None:
        return f"the Lambda function {function_arn} does not exist"
    arrival = int(time.time() * 1000)
    event = {
        "invocationId": str(uuid.uuid4()),
        "deliveryStreamArn": destination.stream_arn,
        "region": get_region(),
        "records": [
            {
                "recordId": record_id,
                "approximateArrivalTimestamp": arrival,
                "data": base64.b64encode(record).decode(),
            }
            for record_id, record in records.items()
        ],
    }
    result = lambda_svc._execute_function(function, event)
    body = result.get("body")
    if result.get("error"):
        return f"the Lambda function failed: {body}"
    answer = json.loads(body) if isinstance(body, str | bytes) else body
    if not isinstance(answer, dict) or not isinstance(answer.get("records"), list):
        return "the Lambda function did not answer with records"
    return {entry["recordId"]: entry for entry in answer["records"]}


def _judge(
    records: dict[str, bytes], answers: dict[str, dict[str, Any]] | str, failed: list[tuple[bytes, str]]
) -> Outcome:
    if isinstance(answers, str):
        return Outcome(failed=[*failed, *((record, answers) for record in records.values())])
    outcome = Outcome(failed=list(failed))
    for record_id, record in records.items():
        answer = answers.get(record_id, {})
        result = answer.get("result")
        if result == "Ok":
            outcome.passed.append(base64.b64decode(answer.get("data") or ""))
        elif result != "Dropped":
            outcome.failed.append((record, f"the Lambda function answered {result or 'nothing'}"))
    return outcome
