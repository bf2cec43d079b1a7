"""The functions that look at the pipeline from outside: the monitor of Snowpipe, and the canary."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from clickstream import (
    CanaryEvents,
    ClickDelivery,
    SnowflakeLogin,
    SnowflakeSchema,
    SnowpipeMonitor,
    WatchedPipe,
)
from stacks.config import PipelineConfig
from stacks.lambda_code import lambda_architecture, lambda_code
from stacks.log_retention import retention_of


class Watchers:
    """Both functions, in the stack of `scope`; they run the same code with the same limits."""

    def __init__(
        self, scope: Construct, config: PipelineConfig, deliveries: Mapping[str, ClickDelivery]
    ) -> None:
        code, architecture = lambda_code(scope, config), lambda_architecture(config)
        retention = retention_of(config.lambda_.log_retention_days)
        self.canary = CanaryEvents(
            scope,
            "Canary",
            code=code,
            deliveries=deliveries,
            role_name=config.canary_role_name,
            architecture=architecture,
            log_retention=retention,
        )
        self.monitor = SnowpipeMonitor(
            scope,
            "Monitor",
            code=code,
            login=_login(scope, config),
            deployment=config.prefix,
            pipes=_pipes(config),
            window=cdk.Duration.seconds(config.monitor.window_seconds),
            role_name=config.monitor_role_name,
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


def _login(scope: Construct, config: PipelineConfig) -> SnowflakeLogin:
    names = config.snowflake
    return SnowflakeLogin(
        account=names.account,
        user=names.monitor_user,
        role=names.monitor_role,
        secret=(
            secretsmanager.Secret.from_secret_name_v2(scope, "MonitorLogin", names.monitor_login_secret_name)
            if names.login == "key_pair"
            else None
        ),
        warehouse=names.warehouse,
        host=names.host or None,
    )
