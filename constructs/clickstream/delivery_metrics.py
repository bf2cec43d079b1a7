"""The metrics that AWS publishes of a delivery stream and of the Data Stream it reads."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kinesisfirehose as firehose

from clickstream.click_delivery import ClickDelivery

_MINUTE = cdk.Duration.minutes(1)


class DeliveryMetrics:
    """Names, dimensions and the statistic that makes sense for each; the library's default is often another.

    https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html
    https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html
    """

    def __init__(self, delivery: ClickDelivery) -> None:
        self._delivery_stream = delivery.delivery_stream
        self._source = delivery.source

    @property
    def delivery_stream(self) -> firehose.IDeliveryStream:
        """The delivery stream measured."""
        return self._delivery_stream

    @property
    def source(self) -> kinesis.IStream | None:
        """The Data Stream in front, where there is one."""
        return self._source

    def success(
        self, *, period: cdk.Duration = _MINUTE, label: str | None = "writes that succeeded"
    ) -> cloudwatch.Metric:
        """Share of writes to S3 that succeeded, 0 to 1; an alarm's metric carries no label."""
        return self._firehose("DeliveryToS3.Success", "Average", label, period)

    def freshness(self) -> cloudwatch.Metric:
        """Age in seconds of the oldest record not yet delivered."""
        return self._firehose("DeliveryToS3.DataFreshness", "Maximum", "oldest undelivered record", _MINUTE)

    def delivered_records(self) -> cloudwatch.Metric:
        """Records written to S3."""
        return self._firehose("DeliveryToS3.Records", "Sum", "records delivered", _MINUTE)

    def delivered_bytes(self) -> cloudwatch.Metric:
        """Bytes written to S3."""
        return self._firehose("DeliveryToS3.Bytes", "Sum", "bytes delivered", _MINUTE)

    def received_records(self) -> cloudwatch.Metric:
        """Records that reached Firehose: what it read of the Data Stream, or what producers put."""
        name = "DataReadFromKinesisStream.Records" if self._source else "IncomingRecords"
        return self._firehose(name, "Sum", "records received", _MINUTE)

    def _firehose(
        self, name: str, statistic: str, label: str | None, period: cdk.Duration
    ) -> cloudwatch.Metric:
        return self._delivery_stream.metric(name, statistic=statistic, label=label, period=period)
