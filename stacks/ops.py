"""The stack that the on-call engineer meets first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from clickstream import AlarmTopic, ClickDelivery, DeliveryDashboard, DeliveryMetrics, DeliverySuccessAlarm
from stacks.config import PipelineConfig
from stacks.sections import OpsConfig


class OpsStack(cdk.Stack):
    """Holds the delivery alarms, the topic that carries it to people, and the dashboard."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: PipelineConfig,
        deliveries: Mapping[str, ClickDelivery],
        **stack_options: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack_options)
        topic = AlarmTopic(self, "Alarms", emails=config.ops.emails)
        metrics = [DeliveryMetrics(delivery) for delivery in deliveries.values()]
        alarms = [
            self._build_alarm(stream.construct_id, config.ops, measured, topic)
            for stream, measured in zip(config.event_streams, metrics, strict=True)
        ]
        DeliveryDashboard(self, "Overview", name=config.prefix, metrics=metrics, alarms=alarms)
        cdk.CfnOutput(
            self, "AlarmTopicArn", value=topic.topic.topic_arn, description="Subscribe to hear of alarms"
        )

    def _build_alarm(
        self, name: str, ops: OpsConfig, metrics: DeliveryMetrics, topic: AlarmTopic
    ) -> cloudwatch.IAlarm:
        return DeliverySuccessAlarm(
            Construct(self, name),
            "DeliverySuccess",
            metrics=metrics,
            topic=topic,
            success_percent=ops.delivery_success_percent,
            period=cdk.Duration.minutes(ops.period_minutes),
            datapoints_to_alarm=ops.datapoints_to_alarm,
            evaluation_periods=ops.evaluation_periods,
        ).alarm
