"""The monitor: a Lambda that publishes Snowpipe's state and load history as metrics."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from clickstream.bundling.code import FunctionCode
from clickstream.function_network import FunctionNetwork
from clickstream.lake.lake import Lake
from clickstream.review import acknowledge
from clickstream.snowflake.login import SnowflakeLogin
from clickstream.snowflake.names import SnowflakeName
from clickstream.watch.scheduled_function import ScheduledFunction
from clickstream_wire import environment
from clickstream_wire.environment import JobName, Monitor
from clickstream_wire.metrics import NAMESPACE


@dataclass(frozen=True, kw_only=True)
class WatchedPipe:
    """A pipe, what it loads, the kind of event that its metrics are named after, and whether loads add columns."""

    events: str
    pipe: SnowflakeName
    table: SnowflakeName
    data_prefix: str
    schema_evolution: bool = False

    def to_entry(self) -> environment.WatchedPipe:
        """The entry in the function's environment."""
        entry: environment.WatchedPipe = {
            "events": self.events,
            "pipe": self.pipe.to_properties(),
            "table": self.table.to_properties(),
            "data_prefix": self.data_prefix,
        }
        if self.schema_evolution:
            entry["schema_evolution"] = True
        return entry


class SnowpipeMonitor(Construct):
    """Reads the state of each pipe every minute and the load history once a window, and publishes both as metrics.

    Once a window it also compares the newest files of the lake with the history: a pipe cannot know what it was not
    notified of. It wakes the warehouse only if its sources disagree, and once a day.

    Args:
        scope: the parent.
        construct_id: its name there.
        login: how it logs in to Snowflake, as a read-only user; a warehouse is needed.
        deployment: the metrics' dimension `Deployment`.
        lake: the lake with the files that they load.
        pipes: the pipes it watches.
        window: the interval over which files, rows and latencies are counted.
        file_age: the age at which a file that its pipe does not know is missing.
        code: its bundle; by default the one of this package.
        role_name: the name of its IAM role; give one for a login by workload identity, since Snowflake's user is bound
            to the role before it exists.
        role_path: that role's path.
        network: its VPC; by default none.
        log_retention: how long its logs are kept.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        login: SnowflakeLogin,
        deployment: str,
        lake: Lake,
        pipes: Sequence[WatchedPipe],
        window: cdk.Duration,
        file_age: cdk.Duration,
        code: FunctionCode | None = None,
        role_name: str | None = None,
        role_path: str | None = None,
        network: FunctionNetwork | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH,
    ) -> None:
        super().__init__(scope, construct_id)
        self._scheduled = ScheduledFunction(
            self,
            "Scheduled",
            description="Publishes the state and the load history of Snowpipe as metrics",
            handler="pipeline_monitor.handler.on_schedule",
            code=code,
            role_name=role_name,
            role_path=role_path,
            network=network,
            environment={
                **login.to_environment(),
                Monitor.DEPLOYMENT: deployment,
                Monitor.WINDOW_SECONDS: str(int(window.to_seconds())),
                Monitor.BUCKET: lake.bucket.bucket_name,
                Monitor.FILE_AGE_SECONDS: str(int(file_age.to_seconds())),
                Monitor.PIPES: json.dumps([pipe.to_entry() for pipe in pipes]),
            },
            log_retention=log_retention,
        )
        login.grant_read(self.function)
        self._let_use_metrics()
        self._let_list(lake, pipes)
        self._scheduled.run_every(1, "Status", {"job": JobName.STATUS})
        minutes = max(1, int(window.to_seconds()) // 60)
        self._scheduled.run_every(minutes, "History", {"job": JobName.HISTORY})

    @property
    def function(self) -> lambda_.IFunction:
        """The Lambda, for metrics."""
        return self._scheduled.function

    @property
    def log_group(self) -> logs.ILogGroup:
        """The Lambda's log group."""
        return self._scheduled.log_group

    def _let_use_metrics(self) -> None:
        role = self._scheduled.role
        role.add_to_principal_policy(
            iam.PolicyStatement(
                sid="PublishMetrics",
                actions=["cloudwatch:PutMetricData"],
                resources=["*"],
                conditions={"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
            )
        )
        role.add_to_principal_policy(
            iam.PolicyStatement(
                sid="ReadItsLastReport", actions=["cloudwatch:GetMetricData"], resources=["*"]
            )
        )
        acknowledge(
            role,
            "AwsSolutions-IAM5[Resource::*]",
            reason="cloudwatch:PutMetricData and GetMetricData support no resources. The condition "
            f"cloudwatch:namespace limits the former to the namespace {NAMESPACE}, which holds nothing but these "
            "metrics; the latter reads numbers only.",
        )

    def _let_list(self, lake: Lake, pipes: Sequence[WatchedPipe]) -> None:
        self._scheduled.role.add_to_principal_policy(
            iam.PolicyStatement(
                sid="ListEvents",
                actions=["s3:ListBucket"],
                resources=[lake.bucket.bucket_arn],
                conditions={"StringLike": {"s3:prefix": [f"{pipe.data_prefix}*" for pipe in pipes]}},
            )
        )
