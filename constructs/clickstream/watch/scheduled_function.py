"""A Lambda that runs on a schedule."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from clickstream.bundling.code import FunctionCode
from clickstream.function_network import FunctionNetwork
from clickstream.log_groups import function_role, private_log_group


class ScheduledFunction(Construct):
    """A Lambda with its own role and stateless runs: a failed run is made up for by the next.

    Args:
        scope: the parent.
        construct_id: its name there.
        description: its purpose.
        handler: the function in `code`.
        code: its bundle; by default the one of this package.
        role_name: the name of its IAM role; by default CloudFormation generates one.
        role_path: that role's path.
        network: its VPC; by default none.
        environment: its environment variables.
        memory_mib: its memory.
        log_retention: how long its logs are kept.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        description: str,
        handler: str,
        code: FunctionCode | None,
        role_name: str | None,
        role_path: str | None,
        network: FunctionNetwork | None,
        environment: Mapping[str, str],
        memory_mib: int = 512,
        log_retention: logs.RetentionDays,
    ) -> None:
        super().__init__(scope, construct_id)
        code = code or FunctionCode.bundled(self)
        self._log_group = private_log_group(self, "Logs", log_retention)
        self._role = function_role(
            self,
            "Role",
            self._log_group,
            role_name=role_name,
            role_path=role_path,
            network=network,
            description=description,
        )
        self._function = lambda_.Function(
            self,
            "Function",
            description=description,
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=code.architecture,
            handler=handler,
            code=code.code,
            role=self._role,
            timeout=cdk.Duration.seconds(60),
            memory_size=memory_mib,
            log_group=self._log_group,
            environment=dict(environment),
            # The next minute's run is more useful than a late retry of this one.
            retry_attempts=0,
            max_event_age=cdk.Duration.seconds(60),
            **(network.to_options() if network else {}),
        )

    @property
    def function(self) -> lambda_.IFunction:
        """The Lambda, for grants and metrics."""
        return self._function

    @property
    def role(self) -> iam.IRole:
        """Its role."""
        return self._role

    @property
    def log_group(self) -> logs.ILogGroup:
        """The Lambda's log group."""
        return self._log_group

    def run_every(self, minutes: int, construct_id: str, event: Mapping[str, str] | None = None) -> None:
        """Invoke it on a schedule, with `event` or with the schedule's own event, which contains the time.

        Args:
            minutes: the interval.
            construct_id: the rule's name in this construct.
            event: the event to pass.
        """
        events.Rule(
            self,
            construct_id,
            schedule=events.Schedule.rate(cdk.Duration.minutes(minutes)),
            targets=[
                targets.LambdaFunction(
                    self._function,
                    event=events.RuleTargetInput.from_object(dict(event)) if event else None,
                    retry_attempts=0,
                    max_event_age=cdk.Duration.seconds(60),
                )
            ],
        )
