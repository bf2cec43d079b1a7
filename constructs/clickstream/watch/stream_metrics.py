"""Metrics that AWS publishes about a Kinesis Data Stream."""

from __future__ import annotations

from typing import Unpack

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kinesis as kinesis

from clickstream.metric_source import MINUTE, MetricOptions


class StreamMetrics:
    """Names, dimensions and the right statistic for each metric; the library's default is often a different one.

    https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html
    """

    def __init__(self, stream: kinesis.IStream) -> None:
        self._stream = stream

    def incoming_records(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Records that producers put."""
        return self._kinesis("IncomingRecords", "Sum", options)

    def incoming_bytes(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Their bytes."""
        return self._kinesis("IncomingBytes", "Sum", options)

    def iterator_age(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Age in milliseconds of the last record that a reader got; near the retention period, it loses events."""
        return self._kinesis("GetRecords.IteratorAgeMilliseconds", "Maximum", options)

    def throttled_writes(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Records refused because a shard was full."""
        return self._kinesis("WriteProvisionedThroughputExceeded", "Sum", options)

    def _kinesis(self, name: str, statistic: str, options: MetricOptions) -> cloudwatch.Metric:
        options.setdefault("period", MINUTE)
        return self._stream.metric(name, statistic=statistic, **options)
