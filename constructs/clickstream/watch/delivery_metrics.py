"""The metrics that AWS publishes of a delivery stream and of the folder it writes."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from clickstream.delivery import ClickDelivery

_MINUTE = cdk.Duration.minutes(1)


class DeliveryMetrics:
    """Names, dimensions and the statistic that makes sense for each; the library's default is often another.

    https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html
    """

    def __init__(self, delivery: ClickDelivery) -> None:
        self._delivery = delivery

    def success(self) -> cloudwatch.Metric:
        """Share of writes to S3 that succeeded, 0 to 1."""
        return self._firehose("DeliveryToS3.Success", "Average")

    def freshness(self) -> cloudwatch.Metric:
        """Age in seconds of the oldest record not yet delivered."""
        return self._firehose("DeliveryToS3.DataFreshness", "Maximum")

    def delivered_records(self) -> cloudwatch.Metric:
        """Records written to S3."""
        return self._firehose("DeliveryToS3.Records", "Sum")

    def received_records(self) -> cloudwatch.Metric:
        """Records that reached Firehose: what it read of the Data Stream, or what producers put."""
        return self._firehose(
            "DataReadFromKinesisStream.Records" if self._delivery.source else "IncomingRecords", "Sum"
        )

    def received_bytes(self) -> cloudwatch.Metric:
        """Their bytes, as sent."""
        return self._firehose(
            "DataReadFromKinesisStream.Bytes" if self._delivery.source else "IncomingBytes", "Sum"
        )

    def billed_bytes(self, tag: str, period: cdk.Duration) -> cloudwatch.MathExpression:
        """The least that Firehose bills: each record counts as a multiple of 5 KB.

        `tag` keeps the expressions of several delivery streams apart in one graph.

        https://aws.amazon.com/firehose/pricing/
        """
        received_bytes = self.received_bytes().with_(period=period)
        received_records = self.received_records().with_(period=period)
        size, count, rounded = (f"{what}_{tag}" for what in ("bytes", "records", "rounded"))
        multiples = cloudwatch.MathExpression(
            expression=f"5120 * {count}", using_metrics={count: received_records}, period=period
        )
        return cloudwatch.MathExpression(
            expression=f"MAX([{size}, {rounded}])",
            using_metrics={size: received_bytes, rounded: multiples},
            period=period,
        )

    def behind_stream(self) -> cloudwatch.Metric:
        """Milliseconds that Firehose is behind the end of the Data Stream; only where there is one."""
        return self._firehose("KinesisMillisBehindLatest", "Maximum")

    def throttled_records(self) -> cloudwatch.Metric:
        """Records refused because a quota was used up; Direct PUT only."""
        return self._firehose("ThrottledRecords", "Sum")

    def quota_in_use(self, period: cdk.Duration = _MINUTE) -> cloudwatch.MathExpression:
        """Percent in use of the quota that is nearest to its end: bytes, records or requests; Direct PUT only.

        https://docs.aws.amazon.com/firehose/latest/dev/firehose-cloudwatch-metrics-best-practices.html
        """
        seconds = period.to_seconds()
        shares = {
            kind: cloudwatch.MathExpression(
                expression=f"100 * {kind}_in / {seconds:g} / {kind}_limit",
                using_metrics={
                    f"{kind}_in": self._firehose(incoming, "Sum").with_(period=period),
                    f"{kind}_limit": self._firehose(limit, "Minimum").with_(period=period),
                },
                period=period,
            )
            for kind, incoming, limit in (
                ("bytes", "IncomingBytes", "BytesPerSecondLimit"),
                ("records", "IncomingRecords", "RecordsPerSecondLimit"),
                ("requests", "IncomingPutRequests", "PutRequestsPerSecondLimit"),
            )
        }
        return cloudwatch.MathExpression(
            expression=f"MAX([{', '.join(shares)}])", using_metrics=dict(shares), period=period
        )

    def failed_files(self) -> cloudwatch.Metric:
        """Files that Firehose wrote under the error prefix."""
        return self._delivery.metric_failed_files()

    def _firehose(self, name: str, statistic: str) -> cloudwatch.Metric:
        return self._delivery.delivery_stream.metric(name, statistic=statistic, period=_MINUTE)
