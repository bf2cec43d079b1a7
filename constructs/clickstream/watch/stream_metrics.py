"""The metrics that AWS publishes of a Kinesis Data Stream."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kinesis as kinesis

_MINUTE = cdk.Duration.minutes(1)


class StreamMetrics:
    """Names, dimensions and the statistic that makes sense for each; the library's default is often another.

    https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html
    """

    def __init__(self, stream: kinesis.IStream) -> None:
        self._stream = stream

    def incoming_records(self) -> cloudwatch.Metric:
        """Records that producers put."""
        return self._kinesis("IncomingRecords", "Sum")

    def incoming_bytes(self) -> cloudwatch.Metric:
        """Their bytes."""
        return self._kinesis("IncomingBytes", "Sum")

    def iterator_age(self) -> cloudwatch.Metric:
        """Age in milliseconds of the last record that any reader got; close to the retention, events are lost."""
        return self._kinesis("GetRecords.IteratorAgeMilliseconds", "Maximum")

    def throttled_writes(self) -> cloudwatch.Metric:
        """Records refused because a shard was full."""
        return self._kinesis("WriteProvisionedThroughputExceeded", "Sum")

    def _kinesis(self, name: str, statistic: str) -> cloudwatch.Metric:
        return self._stream.metric(name, statistic=statistic, period=_MINUTE)
