"""A function's answer for a batch, checked as strictly as AWS documents it.

A mistake in one record fails the whole batch: AWS says only that it is "treated as a data transformation failure".

https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-status-model.html
https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Failure:
    """AWS's code and message for records that could not be transformed."""

    code: str
    message: str


class TransformationError(Exception):
    """A batch that could not be transformed; a transient failure is worth a retry."""

    def __init__(self, code: str, message: str, *, transient: bool = False) -> None:
        super().__init__(message)
        self.failure = Failure(code, message)
        self.transient = transient


Result = bytes | Failure | None
"""The new data of a record; its failure; or None if it was dropped."""

_PROCESSING_FAILED = Failure("Lambda.ProcessingFailedStatus", "ProcessingFailed status set for record")


def results_of(answer: Any, record_ids: Sequence[str]) -> list[Result]:
    """The result of every record, in the order of `record_ids`.

    Raises:
        TransformationError: the answer is not what AWS requires.
    """
    records = answer.get("records") if isinstance(answer, dict) else None
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise TransformationError(
            "Lambda.JsonProcessingException",
            "There was an error parsing returned records from the Lambda function. Ensure that the returned "
            "records follow the status model required by Amazon Data Firehose.",
        )
    by_id = {str(one.get("recordId")): one for one in records}
    if len(by_id) < len(records):
        raise TransformationError(
            "Lambda.DuplicatedRecordId",
            "Multiple records were returned with the same record ID. Ensure that the Lambda function returns "
            "unique record IDs for each record.",
        )
    if by_id.keys() != set(record_ids):
        raise TransformationError(
            "Lambda.MissingRecordId",
            "One or more record IDs were not returned. Ensure that the Lambda function returns all received "
            "record IDs.",
        )
    return [_result(by_id[record_id]) for record_id in record_ids]


def _result(record: dict[str, Any]) -> Result:
    match record.get("result"):
        case "Ok":
            return _decoded(record.get("data"))
        case "Dropped":
            return None
        case "ProcessingFailed":
            return _PROCESSING_FAILED
    raise _invalid(
        "Make sure the processed records contain a valid result status of Dropped, Ok, or ProcessingFailed."
    )


def _decoded(data: Any) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise _invalid("The data of a record with the result Ok must be base64.") from error


def _invalid(reason: str) -> TransformationError:
    return TransformationError("Lambda.FunctionError", f"Invalid output structure. {reason}")
