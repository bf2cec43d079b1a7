"""The Lambda that turns CloudFormation events into Snowflake statements."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import custom_resources as cr
from constructs import Construct

from clickstream.bundling.code import FunctionCode
from clickstream.function_network import FunctionNetwork
from clickstream.log_groups import function_role, private_log_group
from clickstream.review import acknowledge
from clickstream.snowflake.login import SnowflakeLogin

# The Lambda's timeout is the shorter one, so that it can report a failure before CloudFormation stops waiting.
_FUNCTION_TIMEOUT = cdk.Duration.minutes(10)
_SERVICE_TIMEOUT = cdk.Duration.minutes(12)


class SnowflakeProvider(Construct):
    """Serves all Snowflake custom resources of a stack, logged in as one Snowflake service user.

    The resources of a stack follow one another in the order of their constructs. Each request occupies two concurrent
    executions, the framework's and the function's, and a new AWS account has ten of them for everything that runs.
    https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html

    Args:
        scope: the parent.
        construct_id: its name there.
        login: how it logs in; only the query of the load history, when a pipe is replaced or refreshed, needs a
            warehouse.
        code: its bundle; by default the one of this package.
        role_name: the name of the function's IAM role; give one for a login by workload identity, since Snowflake's
            user is bound to the role's ARN before the role exists.
        role_path: the path of its roles.
        network: the function's VPC, by default none. The provider framework, which calls it, is never in a VPC: it
            only calls Lambda and CloudFormation.
        log_retention: how long the logs are kept.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        login: SnowflakeLogin,
        code: FunctionCode | None = None,
        role_name: str | None = None,
        role_path: str | None = None,
        network: FunctionNetwork | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH,
    ) -> None:
        super().__init__(scope, construct_id)
        self.role = login.role
        self._served_last: dict[str, cdk.CustomResource] = {}
        code = code or FunctionCode.bundled(self)
        self._log_group = log_group = private_log_group(self, "Logs", log_retention)
        self._function = lambda_.Function(
            self,
            "Function",
            description="Creates, alters and drops Snowflake objects for CloudFormation",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=code.architecture,
            handler="snowflake_setup.handler.on_event",
            code=code.code,
            role=function_role(
                self, "FunctionRole", log_group, role_name=role_name, role_path=role_path, network=network
            ),
            timeout=_FUNCTION_TIMEOUT,
            memory_size=512,
            log_group=log_group,
            environment=login.to_environment(),
            **(network.to_options() if network else {}),
        )
        login.grant_read(self._function)
        framework_logs = private_log_group(self, "FrameworkLogs", log_retention)
        framework_role = function_role(self, "FrameworkRole", framework_logs, role_path=role_path)
        self._provider = cr.Provider(
            self,
            "Framework",
            on_event_handler=self._function,
            log_group=framework_logs,
            framework_on_event_role=framework_role,
        )
        function_id = cdk.Stack.of(self).get_logical_id(self._function.node.default_child)  # type: ignore[arg-type]
        acknowledge(
            framework_role,
            f"AwsSolutions-IAM5[Resource::<{function_id}.Arn>:*]",
            reason="The provider framework may invoke any version of this one function, which has no versions.",
        )

    def serve(
        self, scope: Construct, construct_id: str, resource_type: str, properties: Mapping[str, object]
    ) -> cdk.CustomResource:
        """A custom resource that this Lambda serves, after those of the stack that it already serves."""
        resource = cdk.CustomResource(
            scope,
            construct_id,
            service_token=self._provider.service_token,
            resource_type=resource_type,
            service_timeout=_SERVICE_TIMEOUT,
            properties=properties,
        )
        stack = cdk.Stack.of(resource).node.addr
        if stack in self._served_last:
            resource.node.add_dependency(self._served_last[stack])
        self._served_last[stack] = resource
        return resource

    @property
    def function(self) -> lambda_.IFunction:
        """The Lambda, for grants and metrics."""
        return self._function

    @property
    def log_group(self) -> logs.ILogGroup:
        """The Lambda's log group."""
        return self._log_group
