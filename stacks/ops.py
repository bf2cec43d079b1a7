"""The stack that the on-call engineer meets first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from clickstream import (
    AlarmTopics,
    Alerting,
    ClickDelivery,
    Evaluation,
    EventLake,
    EventWatch,
    FunctionErrors,
    PipelineAlarm,
    PipelineDashboard,
    PipelineHealth,
    ProducerMetrics,
    Recipients,
    SampleProducer,
    Severity,
    SnowflakeProvider,
    SnowpipeMetrics,
    Thresholds,
)
from config.model import PipelineConfig
from config.names import EventStream
from config.sections.watch import RecipientsConfig
from stacks.watchers import Watchers


class OpsStack(cdk.Stack):
    """Holds the alarms, the topics that carry them to people, the functions that look at Snowpipe, the dashboard."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: PipelineConfig,
        lake: EventLake,
        deliveries: Mapping[str, ClickDelivery],
        provider: SnowflakeProvider,
        producer: SampleProducer | None = None,
        **stack_options: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack_options)
        self._config, self._deliveries = config, deliveries
        self._alerting = self._build_alerting()
        self._watchers = Watchers(self, config, deliveries) if config.monitor.enabled else None
        watches = [self._watch(stream) for stream in config.event_streams]
        functions: dict[str, lambda_.IFunction] = {"landing": provider.function}
        if self._watchers:
            functions |= self._watchers.functions
        alarms = [alarm for watch in watches for alarm in watch.alarms]
        alarms += [self._function_alarm(name, function) for name, function in functions.items()]
        health = PipelineHealth(self, "Health", alerting=self._alerting, alarms=alarms)
        ordered = sorted(alarms, key=lambda alarm: alarm.severity is Severity.WARNING)
        PipelineDashboard(
            self,
            "Overview",
            name=config.prefix,
            watches=watches,
            lake=lake,
            alarms=[health.alarm, *(alarm.alarm for alarm in ordered)],
            functions=functions,
            names=self._names(lake),
            log_groups=self._log_groups(provider),
            runbook=self._alerting.runbook,
            producer=(
                ProducerMetrics(cpu=producer.metric_cpu(), sent_events=producer.metric_sent_events())
                if producer
                else None
            ),
        )

    def _build_alerting(self) -> Alerting:
        ops = self._config.ops
        topics = AlarmTopics(
            self,
            "Topics",
            recipients={
                Severity.CRITICAL: _recipients(ops.critical),
                Severity.WARNING: _recipients(ops.warning),
            },
        )
        for severity in Severity:
            cdk.CfnOutput(
                self,
                f"{severity.value.title()}TopicArn",
                value=topics.topic(severity).topic_arn,
                description=f"Subscribe to hear of {severity.value} alarms",
            )
        named = {"runbook": ops.runbook_url} if ops.runbook_url else {}
        return Alerting(prefix=self._config.prefix, topics=topics, **named)

    def _watch(self, stream: EventStream) -> EventWatch:
        config = self._config
        levels, monitor = config.ops.alarms, config.monitor
        # An event may wait in Firehose for its buffer, and once more while that is written.
        buffered = 2 * config.streaming.buffer_interval_seconds
        snowpipe = SnowpipeMetrics(
            deployment=config.prefix,
            events=stream.name,
            status_period=cdk.Duration.seconds(monitor.status_period_seconds),
            window=cdk.Duration.seconds(monitor.window_seconds),
        )
        return EventWatch(
            self,
            stream.construct_id,
            alerting=self._alerting,
            events=stream.name,
            delivery=self._deliveries[stream.name],
            evaluation=Evaluation(
                period=cdk.Duration.seconds(levels.period_seconds),
                datapoints=levels.datapoints_to_alarm,
                periods=levels.evaluation_periods,
            ),
            thresholds=Thresholds(
                success_percent=levels.delivery_success_percent,
                delivery_freshness=cdk.Duration.seconds(max(levels.delivery_freshness_seconds, buffered)),
                limit_percent=levels.direct_put_limit_percent,
                stream_lag=cdk.Duration.seconds(levels.stream_lag_seconds),
                no_data=cdk.Duration.minutes(levels.no_data_minutes) if levels.no_data_minutes else None,
                pending_file_age=cdk.Duration.seconds(monitor.pending_file_age_seconds),
                end_to_end_freshness=cdk.Duration.seconds(max(monitor.freshness_seconds, buffered)),
            ),
            snowpipe=snowpipe if self._watchers else None,
            canary=self._watchers.canary.function if self._watchers else None,
        )

    def _function_alarm(self, name: str, function: lambda_.IFunction) -> PipelineAlarm:
        if name == "landing":
            # It runs in deployments only: each error counts.
            period, datapoints, periods = self._config.ops.alarms.period_seconds, 1, 1
            consequence = "a deployment could not change what it wanted in Snowflake"
        else:
            # It runs each minute, its slowest job once a window: one failure is made good by the next run.
            period, datapoints, periods = self._config.monitor.window_seconds, 2, 3
            consequence = "what happens to events on their way to Snowflake is not seen"
        return FunctionErrors(
            Construct(self, f"{name.title()}Function"),
            alerting=self._alerting,
            name=name,
            function=function,
            evaluation=Evaluation(
                period=cdk.Duration.seconds(period), datapoints=datapoints, periods=periods
            ),
            consequence=consequence,
        )

    def _names(self, lake: EventLake) -> dict[str, str]:
        names = {"bucket": lake.bucket.bucket_name}
        schema = f"{self._config.snowflake.database}.{self._config.snowflake.schema_name}"
        for stream in self._config.event_streams:
            source = self._deliveries[stream.name].source
            if source:
                names[f"{stream.name} stream"] = source.stream_name
            delivery = self._deliveries[stream.name].delivery_stream
            names[f"{stream.name} delivery stream"] = delivery.delivery_stream_name
            names[f"{stream.name} pipe"] = f"{schema}.{stream.pipe}"
        return names

    def _log_groups(self, provider: SnowflakeProvider) -> dict[str, logs.ILogGroup]:
        groups = {f"Firehose, {name}": each.error_log_group for name, each in self._deliveries.items()}
        groups["landing"] = provider.log_group
        return groups | (self._watchers.log_groups if self._watchers else {})


def _recipients(config: RecipientsConfig) -> Recipients:
    return Recipients(emails=config.emails, https_endpoint=config.https_endpoint or None)
