"""One page that shows whether events flow."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kinesis as kinesis
from constructs import Construct

from clickstream.delivery_metrics import DeliveryMetrics

_HALF = 12
_MINUTE = cdk.Duration.minutes(1)


class DeliveryDashboard(Construct):
    """Success and flow of the Data Stream (where there is one) and of Firehose, left to right like the data.

    Args:
        scope: the parent.
        construct_id: its name there.
        name: the dashboard's name, unique in account and region.
        metrics: of each delivery stream, in the order to show them.
        alarms: their states are shown on top.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        metrics: Sequence[DeliveryMetrics],
        alarms: Sequence[cloudwatch.IAlarm] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        dashboard = cloudwatch.Dashboard(
            self, "Dashboard", dashboard_name=name, period_override=cloudwatch.PeriodOverride.INHERIT
        )
        if alarms:
            dashboard.add_widgets(
                cloudwatch.AlarmStatusWidget(title="Alarms", width=24, height=3, alarms=[*alarms])
            )
        for delivery in metrics:
            if delivery.source:
                dashboard.add_widgets(_stream_success(delivery.source), _stream_flow(delivery.source))
            dashboard.add_widgets(_delivery_success(delivery), _delivery_flow(delivery))


def _stream_success(stream: kinesis.IStream) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title="Kinesis: calls that succeeded",
        width=_HALF,
        left=[
            stream.metric_put_records_success(statistic="Average", label="PutRecords", period=_MINUTE),
            stream.metric_get_records_success(statistic="Average", label="GetRecords", period=_MINUTE),
        ],
        left_y_axis=cloudwatch.YAxisProps(min=0, max=1, show_units=False),
        right=[
            stream.metric_write_provisioned_throughput_exceeded(
                statistic="Sum", label="writes throttled", period=_MINUTE
            )
        ],
        right_y_axis=cloudwatch.YAxisProps(min=0, show_units=False),
    )


def _stream_flow(stream: kinesis.IStream) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title="Kinesis: flow",
        width=_HALF,
        left=[
            stream.metric_incoming_records(statistic="Sum", label="records in", period=_MINUTE),
            stream.metric_get_records(statistic="Sum", label="records out", period=_MINUTE),
        ],
        left_y_axis=cloudwatch.YAxisProps(min=0, show_units=False),
        right=[
            stream.metric_get_records_iterator_age_milliseconds(
                statistic="Maximum", label="reader is behind (ms)", period=_MINUTE
            )
        ],
        right_y_axis=cloudwatch.YAxisProps(min=0, show_units=False),
    )


def _delivery_success(metrics: DeliveryMetrics) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title="Firehose: success and freshness",
        width=_HALF,
        left=[metrics.success()],
        left_y_axis=cloudwatch.YAxisProps(min=0, max=1, show_units=False),
        right=[metrics.freshness()],
        right_y_axis=cloudwatch.YAxisProps(min=0, label="seconds", show_units=False),
    )


def _delivery_flow(metrics: DeliveryMetrics) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title="Firehose: flow",
        width=_HALF,
        left=[metrics.received_records(), metrics.delivered_records()],
        left_y_axis=cloudwatch.YAxisProps(min=0, show_units=False),
        right=[metrics.delivered_bytes()],
        right_y_axis=cloudwatch.YAxisProps(min=0, label="bytes", show_units=False),
    )
