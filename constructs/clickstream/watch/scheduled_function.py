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
    """A Lambda with a role of its own, whose runs remember nothing: one that failed is made good by the next.

    Args:
        scope: the parent.
        construct_id: its name there.
        description: what it is for.
        handler: the function in `code`.
        code: the bundle that holds it; by default it is made.
        role_name: the name of its IAM role; by default CloudFormation makes one up.
        role_path: that role's path.
        network: the VPC that it is in; by default none.
        environment: what it is told.
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
            # The next minute's run does better than a late repetition of this one.
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
        """Where it writes what it does."""
        return self._log_group

    def run_every(self, minutes: int, construct_id: str, event: Mapping[str, str] | None = None) -> None:
        """Invoke it so often, with `event` or with the schedule's own, which tells the time.

        Args:
            minutes: how often.
            construct_id: the rule's name in this construct.
            event: what it is given.
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
