"""Log groups, and roles that may write to one of them alone."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from clickstream.function_network import FunctionNetwork

_RETENTIONS = {
    1: logs.RetentionDays.ONE_DAY,
    3: logs.RetentionDays.THREE_DAYS,
    5: logs.RetentionDays.FIVE_DAYS,
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    60: logs.RetentionDays.TWO_MONTHS,
    90: logs.RetentionDays.THREE_MONTHS,
    120: logs.RetentionDays.FOUR_MONTHS,
    150: logs.RetentionDays.FIVE_MONTHS,
    180: logs.RetentionDays.SIX_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
    400: logs.RetentionDays.THIRTEEN_MONTHS,
    545: logs.RetentionDays.EIGHTEEN_MONTHS,
    731: logs.RetentionDays.TWO_YEARS,
    1096: logs.RetentionDays.THREE_YEARS,
    1827: logs.RetentionDays.FIVE_YEARS,
    3653: logs.RetentionDays.TEN_YEARS,
}


def log_retention(days: int) -> logs.RetentionDays:
    """The retention that keeps log lines for so many days.

    Raises:
        ValueError: CloudWatch Logs has no such retention.
    """
    if days not in _RETENTIONS:
        allowed = ", ".join(map(str, _RETENTIONS))
        raise ValueError(f"CloudWatch Logs cannot keep lines for {days} days; allowed: {allowed}")
    return _RETENTIONS[days]


def private_log_group(scope: Construct, construct_id: str, retention: logs.RetentionDays) -> logs.LogGroup:
    """A log group that is deleted with its stack, encrypted by CloudWatch Logs.

    Args:
        scope: the parent.
        construct_id: its name there.
        retention: how long lines are kept.
    """
    return logs.LogGroup(scope, construct_id, retention=retention, removal_policy=cdk.RemovalPolicy.DESTROY)


def log_to(log_group: logs.ILogGroup, function: IConstruct) -> None:
    """Give a function that the library makes this log group; Lambda's would never expire, and survive the stack."""
    if not isinstance(function, cdk.CfnResource):
        raise TypeError(f"a function of the library is a {type(function).__name__}, not a CfnResource")
    function.add_property_override("LoggingConfig", {"LogGroup": log_group.log_group_name})


def function_role(
    scope: Construct,
    construct_id: str,
    log_group: logs.ILogGroup,
    *,
    role_name: str | None = None,
    role_path: str | None = None,
    network: FunctionNetwork | None = None,
    description: str | None = None,
) -> iam.Role:
    """A Lambda's role that may write to its own log group; AWS's managed policy may write to every one.

    Args:
        scope: the parent.
        construct_id: its name there.
        log_group: the Lambda's log group.
        role_name: its name; by default CloudFormation generates one.
        role_path: its path.
        network: the Lambda's VPC, if any.
        description: the purpose of the Lambda.
    """
    role = iam.Role(
        scope,
        construct_id,
        role_name=role_name,
        path=role_path,
        description=description,
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
    )
    log_group.grant_write(role)
    if network:
        network.let_in(role)
    return role
