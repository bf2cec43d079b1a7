"""Records that the function failed, written to the folder for errors, with the reason.

AWS documents the fields; real files have numbers, and call the last one `lambdaARN` where the page says `lambdaArn`.
Neither compression nor buffering is documented: here they are those of the destination.

https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-failure-handling.html
https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
"""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from typing import ClassVar

from laptop.aws.firehose.lambda_answer import Failure
from laptop.aws.firehose.record import Record
from laptop.aws.firehose.s3_object import Destination

_OUTPUT_TYPE = "processing-failed"


@dataclass(frozen=True)
class ErrorOutput(Destination):
    """The folder for errors of one delivery stream."""

    is_delivery: ClassVar[bool] = False
    output_type: ClassVar[str | None] = _OUTPUT_TYPE

    @property
    def prefix(self) -> str:
        """The configured prefix for errors, or a folder under the prefix for events."""
        events = self.config.get("Prefix") or ""
        return str(self.config.get("ErrorOutputPrefix") or f"{events}{_OUTPUT_TYPE}/")

    @property
    def delimiter(self) -> bytes:
        """A newline: there is one document on each line."""
        return b"\n"


def failed_record(record: Record, failure: Failure, *, attempts: int, function_arn: str) -> Record:
    """The document for a failed record, as a record of the error output."""
    document = {
        "rawData": base64.b64encode(record.data).decode(),
        "errorCode": failure.code,
        "errorMessage": failure.message,
        "attemptsMade": attempts,
        "arrivalTimestamp": round(record.arrived * 1000),
        "attemptEndingTimestamp": round(time.time() * 1000),
        "lambdaARN": function_arn,
    }
    return Record(json.dumps(document, separators=(",", ":")).encode(), arrived=record.arrived)
