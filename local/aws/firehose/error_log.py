"""What went wrong in a delivery, written where AWS writes it: the stream's own log stream."""

from __future__ import annotations

import json
import logging
import time

from ministack.services import cloudwatch_logs

from local.aws.firehose.s3_object import Destination

logger = logging.getLogger("firehose")


def log_failure(destination: Destination, code: str, message: str) -> None:
    """Record a failed delivery in the emulator's log and in CloudWatch Logs where that is configured."""
    logger.warning("Firehose %s: %s", destination.stream_name, message)
    options = destination.config.get("CloudWatchLoggingOptions") or {}
    if not options.get("Enabled"):
        return
    target = {"logGroupName": options.get("LogGroupName"), "logStreamName": options.get("LogStreamName")}
    event = {
        "deliveryStreamARN": destination.stream_arn,
        "destination": destination.config.get("BucketARN"),
        "deliveryStreamVersionId": destination.version,
        "message": message,
        "errorCode": f"S3.{code}",
    }
    cloudwatch_logs._put_log_events(
        {**target, "logEvents": [{"timestamp": int(time.time() * 1000), "message": json.dumps(event)}]}
    )
