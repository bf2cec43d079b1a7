"""Metrics that AWS publishes about a delivery stream and the folder of its failures."""

from __future__ import annotations

from typing import Unpack

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from clickstream.delivery import ClickDelivery
from clickstream.metric_source import MINUTE, MetricOptions


class DeliveryMetrics:
    """Names, dimensions and the right statistic for each metric; the library's default is often a different one.

    https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html
    """

    def __init__(self, delivery: ClickDelivery) -> None:
        self._delivery = delivery

    def success(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Share of writes to S3 that succeeded, 0 to 1."""
        return self._firehose("DeliveryToS3.Success", "Average", options)

    def freshness(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Age in seconds of the oldest record not yet delivered."""
        return self._firehose("DeliveryToS3.DataFreshness", "Maximum", options)

    def delivered_records(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Records written to S3."""
        return self._firehose("DeliveryToS3.Records", "Sum", options)

    def received_records(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Records that reached Firehose: read from the Data Stream, or put by producers."""
        name = "DataReadFromKinesisStream.Records" if self._delivery.source else "IncomingRecords"
        return self._firehose(name, "Sum", options)

    def received_bytes(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Their bytes, as sent."""
        name = "DataReadFromKinesisStream.Bytes" if self._delivery.source else "IncomingBytes"
        return self._firehose(name, "Sum", options)

    def behind_stream(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Milliseconds that Firehose is behind the end of the Data Stream; only with a Data Stream."""
        return self._firehose("KinesisMillisBehindLatest", "Maximum", options)

    def throttled_records(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Records refused because a quota was used up; Direct PUT only."""
        return self._firehose("ThrottledRecords", "Sum", options)

    def failed_files(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Files that Firehose wrote under the error prefix."""
        return self._delivery.metric_failed_files(**options)

    def billed_bytes(self, tag: str, **options: Unpack[MetricOptions]) -> cloudwatch.MathExpression:
        """The minimum that Firehose bills: each record is rounded up to a multiple of 5 KB.

        `tag` makes the expressions of several delivery streams unique within one graph.

        https://aws.amazon.com/firehose/pricing/
        """
        period = options.setdefault("period", MINUTE)
        size, count, rounded = (f"{what}_{tag}" for what in ("bytes", "records", "rounded"))
        multiples = cloudwatch.MathExpression(
            expression=f"5120 * {count}",
            using_metrics={count: self.received_records(period=period)},
            period=period,
        )
        return cloudwatch.MathExpression(
            expression=f"MAX([{size}, {rounded}])",
            using_metrics={size: self.received_bytes(period=period), rounded: multiples},
            **options,
        )

    def quota_in_use(self, **options: Unpack[MetricOptions]) -> cloudwatch.MathExpression:
        """Percent in use of the most used quota: bytes, records or requests; Direct PUT only.

        https://docs.aws.amazon.com/firehose/latest/dev/firehose-cloudwatch-metrics-best-practices.html
        """
        period = options.setdefault("period", MINUTE)
        shares = {
            kind: self._share(kind, incoming, limit, period)
            for kind, incoming, limit in (
                ("bytes", "IncomingBytes", "BytesPerSecondLimit"),
                ("records", "IncomingRecords", "RecordsPerSecondLimit"),
                ("requests", "IncomingPutRequests", "PutRequestsPerSecondLimit"),
            )
        }
        return cloudwatch.MathExpression(
            expression=f"MAX([{', '.join(shares)}])",
            using_metrics=dict(shares),
            **options,
        )

    def _share(self, kind: str, incoming: str, limit: str, period: cdk.Duration) -> cloudwatch.MathExpression:
        return cloudwatch.MathExpression(
            expression=f"100 * {kind}_in / {period.to_seconds():g} / {kind}_limit",
            using_metrics={
                f"{kind}_in": self._firehose(incoming, "Sum", {"period": period}),
                f"{kind}_limit": self._firehose(limit, "Minimum", {"period": period}),
            },
            period=period,
        )

    def _firehose(self, name: str, statistic: str, options: MetricOptions) -> cloudwatch.Metric:
        options.setdefault("period", MINUTE)
        return self._delivery.delivery_stream.metric(name, statistic=statistic, **options)
