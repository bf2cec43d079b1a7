"""Log of failed deliveries and transformations, in the log stream that the delivery stream names, as in AWS."""

from __future__ import annotations

import json
import logging
import time

from ministack.core.responses import get_region
from ministack.services import cloudwatch_logs

from laptop.aws.firehose import role
from laptop.aws.firehose.s3_object import Destination

logger = logging.getLogger("firehose")


def log_failure(destination: Destination, code: str, message: str, *, processor: str | None = None) -> None:
    """Record a failed delivery or transformation in the emulator's log and, if configured, in CloudWatch Logs."""
    logger.warning("Firehose %s: %s", destination.stream_name, message)
    options = destination.config.get("CloudWatchLoggingOptions") or {}
    if not options.get("Enabled"):
        return
    group, stream = options.get("LogGroupName"), options.get("LogStreamName")
    account = destination.stream_arn.split(":")[4]
    log_stream = f"arn:aws:logs:{get_region()}:{account}:log-group:{group}:log-stream:{stream}"
    try:
        role.require(destination.config["RoleARN"], destination.stream_arn, "logs:PutLogEvents", log_stream)
    except role.RoleDeniedError as denied:
        logger.warning("Firehose %s: %s", destination.stream_name, denied)
        return
    event = {
        "deliveryStreamARN": destination.stream_arn,
        "destination": destination.config.get("BucketARN"),
        "deliveryStreamVersionId": destination.version,
        "message": message,
        "errorCode": code,
    }
    if processor:
        event["processor"] = processor
    cloudwatch_logs._put_log_events(
        {
            "logGroupName": group,
            "logStreamName": stream,
            "logEvents": [{"timestamp": int(time.time() * 1000), "message": json.dumps(event)}],
        }
    )
