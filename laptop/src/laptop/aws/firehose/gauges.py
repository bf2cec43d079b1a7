"""Metrics that Firehose publishes continuously, not only after an event."""

from __future__ import annotations

from typing import Any

from ministack.core.responses import request_scope
from ministack.services import firehose

from laptop.aws import kinesis_metrics
from laptop.aws.firehose import measures
from laptop.aws.firehose.intake import oldest_record, seconds_behind_kinesis
from laptop.aws.throttling.quotas import direct_put_quota


def publish_gauges(now: float) -> None:
    """Publish age and limits of every delivery stream; call it every second."""
    for (account, region, _), stream in firehose._streams.all_items():
        with request_scope(account, region):
            oldest = oldest_record(stream["arn"])
            if oldest is not None:
                measures.oldest_record(stream["name"], now - oldest)
            _publish_of_source(stream, region)


def _publish_of_source(stream: dict[str, Any], region: str) -> None:
    source = stream.get("kinesis_source")
    if stream["type"] == "DirectPut":
        measures.limits(stream["name"], direct_put_quota(region))
    elif source and stream["status"] == "ACTIVE":
        # Records are passed on when they are put: a delivery stream lags only while its role may not read.
        behind = seconds_behind_kinesis(stream["arn"])
        measures.behind_kinesis(stream["name"], behind)
        if not behind:
            kinesis_metrics.read_by_firehose(source["KinesisStreamARN"])
