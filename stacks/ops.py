"""The stack of monitoring: alarms, dashboard, and the functions that watch Snowpipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from constructs import Construct

from clickstream import (
    AlarmDefinition,
    AlarmTopics,
    Alerting,
    CanaryEvents,
    CanaryMetrics,
    ClickDelivery,
    Evaluation,
    EventLake,
    EventWatch,
    FunctionCode,
    PipelineDashboard,
    PipeMetrics,
    Recipients,
    Severity,
    SnowflakeLogin,
    SnowflakeProvider,
    SnowflakeSchema,
    SnowpipeMonitor,
    Thresholds,
    WatchedPipe,
    add_alarms,
    canary_alarm,
    landing_alarm,
    log_retention,
    login_secret,
    monitor_alarm,
)
from config.model import PipelineConfig
from config.names import EventStream
from config.sections.watch import RecipientsConfig

if TYPE_CHECKING:
    from clickstream.producer import SampleProducer


class OpsStack(cdk.Stack):
    """Holds the alarms and their topics, the monitor, the canary and the dashboard."""

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
        self._functions: dict[str, SnowflakeProvider | SnowpipeMonitor | CanaryEvents] = {"landing": provider}
        if config.monitor.enabled:
            code = FunctionCode.bundled(self, config.lambda_.architecture, this_machine=config.laptop)
            self._functions["monitor"] = self._build_monitor(code, lake)
            self._functions["canary"] = self._build_canary(code)
        watches = [self._watch(stream) for stream in config.event_streams]
        alarms = [alarm for watch in watches for alarm in watch.alarms]
        alarms += add_alarms(self, self._alerting, map(self._function_alarm, self._functions))
        alarms.sort(key=lambda alarm: alarm.definition.severity is Severity.WARNING)
        PipelineDashboard(
            self,
            "Overview",
            name=config.prefix,
            watches=watches,
            lake=lake,
            alarms=[*(watch.health.alarm for watch in watches), *(alarm.alarm for alarm in alarms)],
            functions={name: each.function for name, each in self._functions.items()},
            names=self._names(lake),
            log_groups=self._log_groups(),
            runbook=self._alerting.runbook,
            producer=producer,
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
                value=topics.topics[severity].topic_arn,
                description=f"Subscribe to be notified of {severity.value} alarms",
            )
        named = {"runbook": ops.runbook_url} if ops.runbook_url else {}
        return Alerting(prefix=self._config.prefix, topics=topics.topics, **named)

    def _build_monitor(self, code: FunctionCode, lake: EventLake) -> SnowpipeMonitor:
        config, names = self._config, self._config.snowflake
        schema = SnowflakeSchema(names.database, names.schema_name)
        return SnowpipeMonitor(
            self,
            "Monitor",
            code=code,
            login=SnowflakeLogin(
                account=names.account,
                host=names.host,
                user=names.monitor_user,
                role=names.monitor_role,
                warehouse=names.warehouse,
                secret=(
                    login_secret(
                        self,
                        "MonitorLogin",
                        name=names.monitor_login_secret_name,
                        key_arn=names.login_secret_key_arn,
                    )
                    if names.login == "key_pair"
                    else None
                ),
            ),
            deployment=config.prefix,
            lake=lake,
            pipes=[
                WatchedPipe(
                    events=stream.name,
                    pipe=schema.object(stream.pipe),
                    table=schema.object(stream.table),
                    data_prefix=stream.data_prefix,
                    schema_evolution=names.schema_evolution,
                )
                for stream in config.event_streams
            ],
            window=cdk.Duration.seconds(config.monitor.window_seconds),
            file_age=cdk.Duration.seconds(config.monitor.pending_file_age_seconds),
            role_name=config.names.monitor_role,
            log_retention=log_retention(config.lambda_.log_retention_days),
        )

    def _build_canary(self, code: FunctionCode) -> CanaryEvents:
        return CanaryEvents(
            self,
            "Canary",
            code=code,
            deployment=self._config.prefix,
            deliveries=self._deliveries,
            role_name=self._config.names.canary_role,
            log_retention=log_retention(self._config.lambda_.log_retention_days),
        )

    def _watch(self, stream: EventStream) -> EventWatch:
        config = self._config
        levels, monitor = config.ops.alarms, config.monitor
        # An event may wait in Firehose for one buffer interval, and for another while the file is written.
        buffered = 2 * config.streaming.buffer_interval_seconds
        return EventWatch(
            self,
            stream.construct_id,
            alerting=self._alerting,
            events=stream.name,
            delivery=self._deliveries[stream.name],
            thresholds=Thresholds(
                evaluation=Evaluation(
                    period=cdk.Duration.seconds(levels.period_seconds),
                    datapoints=levels.datapoints_to_alarm,
                    periods=levels.evaluation_periods,
                ),
                success_percent=levels.delivery_success_percent,
                delivery_freshness=cdk.Duration.seconds(max(levels.delivery_freshness_seconds, buffered)),
                limit_percent=levels.direct_put_limit_percent,
                stream_lag=cdk.Duration.seconds(levels.stream_lag_seconds),
                rejected_percent=levels.rejected_percent,
                no_data=cdk.Duration.minutes(levels.no_data_minutes) if levels.no_data_minutes else None,
                pending_file_age=cdk.Duration.seconds(monitor.pending_file_age_seconds),
                end_to_end_freshness=cdk.Duration.seconds(max(monitor.freshness_seconds, buffered)),
                first_canary=cdk.Duration.seconds(buffered),
            ),
            pipe=self._pipe_metrics(stream) if monitor.enabled else None,
            canary=self._canary_metrics(stream) if monitor.enabled else None,
        )

    def _pipe_metrics(self, stream: EventStream) -> PipeMetrics:
        monitor = self._config.monitor
        return PipeMetrics(
            deployment=self._config.prefix,
            events=stream.name,
            status_period=cdk.Duration.seconds(monitor.status_period_seconds),
            window=cdk.Duration.seconds(monitor.window_seconds),
            schema_evolution=self._config.snowflake.schema_evolution,
        )

    def _canary_metrics(self, stream: EventStream) -> CanaryMetrics:
        return CanaryMetrics(deployment=self._config.prefix, events=stream.name)

    def _function_alarm(self, name: str) -> AlarmDefinition:
        function = self._functions[name].function
        if name == "landing":
            return landing_alarm(
                function, period=cdk.Duration.seconds(self._config.ops.alarms.period_seconds)
            )
        first = self._config.event_streams[0]
        if name == "monitor":
            return monitor_alarm(function, self._pipe_metrics(first), self._canary_metrics(first))
        return canary_alarm(function, window=cdk.Duration.seconds(self._config.monitor.window_seconds))

    def _names(self, lake: EventLake) -> dict[str, str]:
        names = {"bucket": lake.bucket.bucket_name}
        schema = f"{self._config.snowflake.database}.{self._config.snowflake.schema_name}"
        for stream in self._config.event_streams:
            delivery = self._deliveries[stream.name]
            if delivery.source:
                names[f"{stream.name} stream"] = delivery.source.stream_name
            names[f"{stream.name} delivery stream"] = delivery.delivery_stream.delivery_stream_name
            names[f"{stream.name} pipe"] = f"{schema}.{stream.pipe}"
        return names

    def _log_groups(self) -> dict[str, logs.ILogGroup]:
        firehose = {f"Firehose, {name}": each.error_log_group for name, each in self._deliveries.items()}
        return firehose | {name: each.log_group for name, each in self._functions.items()}


def _recipients(config: RecipientsConfig) -> Recipients:
    return Recipients(emails=config.emails, https_endpoint=config.https_endpoint or None)
