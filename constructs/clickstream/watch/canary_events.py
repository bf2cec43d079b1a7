"""The canary: a Lambda that sends an event each minute, which must become a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from clickstream.bundling.code import FunctionCode
from clickstream.delivery import ClickDelivery
from clickstream.function_network import FunctionNetwork
from clickstream.metric_source import MINUTE, MetricOptions
from clickstream.watch.scheduled_function import ScheduledFunction
from clickstream_wire.environment import CANARY_DEPLOYMENT, CANARY_TARGETS, CanaryTarget
from clickstream_wire.metrics import CANARIES_SENT, NAMESPACE, Dimension


class CanaryMetrics:
    """The canaries of one kind of event, counted by the canary itself.

    Args:
        deployment: the prefix of the deployment's names.
        events: the kind of event.
    """

    def __init__(self, *, deployment: str, events: str) -> None:
        self._dimensions = {Dimension.DEPLOYMENT.value: deployment, Dimension.EVENTS.value: events}

    def sent(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Canaries that the front door accepted."""
        return self._metric("Sum", options)

    def tried(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Canaries, accepted or not: one a minute for as long as this kind of event has been watched."""
        return self._metric("SampleCount", options)

    def _metric(self, statistic: str, options: MetricOptions) -> cloudwatch.Metric:
        options.setdefault("period", MINUTE)
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=CANARIES_SENT,
            dimensions_map=self._dimensions,
            statistic=statistic,
            **options,
        )


class CanaryEvents(Construct):
    """Sends an event of type `_canary` each minute through the front door of each kind of event.

    The deduplicated view leaves them out. `SnowpipeMonitor` measures the time until they are rows.

    Args:
        scope: the parent.
        construct_id: its name there.
        deployment: the metrics' dimension `Deployment`.
        deliveries: the deliveries to send to, by kind of event.
        code: its bundle; by default the one of this package.
        role_name: the name of its IAM role; by default CloudFormation generates one.
        role_path: that role's path.
        network: its VPC; by default none.
        log_retention: how long its logs are kept.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: str,
        deliveries: Mapping[str, ClickDelivery],
        code: FunctionCode | None = None,
        role_name: str | None = None,
        role_path: str | None = None,
        network: FunctionNetwork | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH,
    ) -> None:
        super().__init__(scope, construct_id)
        targets = [_target(events, delivery) for events, delivery in deliveries.items()]
        self._scheduled = ScheduledFunction(
            self,
            "Scheduled",
            description="Sends a canary event each minute to each front door",
            handler="pipeline_monitor.canary.on_schedule",
            code=code,
            role_name=role_name,
            role_path=role_path,
            network=network,
            environment={
                CANARY_DEPLOYMENT: deployment,
                # Not json.dumps: the names may come from another stack and be filled in by CloudFormation.
                CANARY_TARGETS: cdk.Stack.of(self).to_json_string(targets),
            },
            memory_mib=256,
            log_retention=log_retention,
        )
        for delivery in deliveries.values():
            delivery.grant_put(self.function)
        self._scheduled.run_every(1, "EachMinute")

    @property
    def function(self) -> lambda_.IFunction:
        """The Lambda, for metrics."""
        return self._scheduled.function

    @property
    def log_group(self) -> logs.ILogGroup:
        """The Lambda's log group."""
        return self._scheduled.log_group


def _target(events: str, delivery: ClickDelivery) -> CanaryTarget:
    if delivery.source:
        return {"events": events, "kind": "kinesis", "name": delivery.source.stream_name}
    return {"events": events, "kind": "firehose", "name": delivery.delivery_stream.delivery_stream_name}
