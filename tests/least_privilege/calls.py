"""Calls of the table that take more than one line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.least_privilege.attempt import Client

# Every tested log group gets a log stream of this name.
LOG_STREAM = "least-privilege"


def last_report(aws: Client) -> object:
    """Read a metric, as the monitor does for its last report."""
    metric = {"Namespace": "Clickstream", "MetricName": "FilesFailed"}
    query = {"Id": "m", "MetricStat": {"Metric": metric, "Period": 3600, "Stat": "SampleCount"}}
    now = datetime.now(UTC)
    return aws("cloudwatch").get_metric_data(
        MetricDataQueries=[query], StartTime=now - timedelta(hours=1), EndTime=now
    )


def log(aws: Client, group: str) -> object:
    """Write a line into a log group, as a service would into its own."""
    event = {"timestamp": 1_700_000_000_000, "message": LOG_STREAM}
    return aws("logs").put_log_events(logGroupName=group, logStreamName=LOG_STREAM, logEvents=[event])


def read_stream(aws: Client, stream_arn: str) -> object:
    """Read the oldest records of a Data Stream."""
    kinesis = aws("kinesis")
    where = {"ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
    iterator = kinesis.get_shard_iterator(StreamARN=stream_arn, **where)["ShardIterator"]
    return kinesis.get_records(StreamARN=stream_arn, ShardIterator=iterator)


def upload_in_parts(aws: Client, bucket: str, key: str) -> object:
    """Start a multipart upload and abort it."""
    s3 = aws("s3")
    upload: dict[str, Any] = s3.create_multipart_upload(Bucket=bucket, Key=key)
    return s3.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload["UploadId"])


def rewrite_notifications(aws: Client, bucket: str) -> object:
    """Read a bucket's notification configuration and write it back unchanged."""
    s3 = aws("s3")
    document = s3.get_bucket_notification_configuration(Bucket=bucket)
    document.pop("ResponseMetadata", None)
    return s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=document)


def measure(aws: Client, namespace: str) -> object:
    """Publish a metric."""
    data = [{"MetricName": "LeastPrivilege", "Value": 1}]
    return aws("cloudwatch").put_metric_data(Namespace=namespace, MetricData=data)
