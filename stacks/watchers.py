"""The functions that look at the pipeline from outside: the monitor of Snowpipe, and the canary."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from clickstream import (
    CanaryEvents,
    ClickDelivery,
    SnowflakeSchema,
    SnowpipeMonitor,
    WatchedPipe,
)
from config.model import PipelineConfig
from stacks.lambda_code import lambda_architecture, lambda_code
from stacks.log_retention import retention_of
from stacks.snowflake_login import snowflake_login


class Watchers:
    """Both functions, in the stack of `scope`; they run the same code with the same limits."""

    def __init__(
        self, scope: Construct, config: PipelineConfig, deliveries: Mapping[str, ClickDelivery]
    ) -> None:
        names = config.snowflake
        code, architecture = lambda_code(scope, config), lambda_architecture(config)
        retention = retention_of(config.lambda_.log_retention_days)
        self.canary = CanaryEvents(
            scope,
            "Canary",
            code=code,
            deliveries=deliveries,
            role_name=config.names.canary_role,
            architecture=architecture,
            log_retention=retention,
        )
        self.monitor = SnowpipeMonitor(
            scope,
            "Monitor",
            code=code,
            login=snowflake_login(
                scope,
                "MonitorLogin",
                config,
                user=names.monitor_user,
                role=names.monitor_role,
                secret_name=names.monitor_login_secret_name,
            ),
            deployment=config.prefix,
            pipes=_pipes(config),
            window=cdk.Duration.seconds(config.monitor.window_seconds),
            role_name=config.names.monitor_role,
            architecture=architecture,
            log_retention=retention,
        )

    @property
    def functions(self) -> dict[str, lambda_.IFunction]:
        """Both by the name that alarms and graphs use."""
        return {"monitor": self.monitor.function, "canary": self.canary.function}

    @property
    def log_groups(self) -> dict[str, logs.ILogGroup]:
        """Where they say what they do."""
        return {"monitor": self.monitor.log_group, "canary": self.canary.log_group}


def _pipes(config: PipelineConfig) -> list[WatchedPipe]:
    schema = SnowflakeSchema(config.snowflake.database, config.snowflake.schema_name)
    return [
        WatchedPipe(events=stream.name, pipe=schema.object(stream.pipe), table=schema.object(stream.table))
        for stream in config.event_streams
    ]
