"""Lambdas in a VPC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from aws_cdk import aws_iam as iam

from clickstream.review import acknowledge

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2


class NetworkOptions(TypedDict, total=False):
    """Arguments of `aws_lambda.Function`."""

    vpc: ec2.IVpc
    vpc_subnets: ec2.SubnetSelection
    security_groups: list[ec2.ISecurityGroup]


@dataclass(frozen=True, kw_only=True)
class FunctionNetwork:
    """The VPC of a Lambda; by default it is in none.

    From the subnets, HTTPS must lead to Snowflake (by PrivateLink: give its host in the login), Secrets Manager, STS,
    CloudWatch, S3, Kinesis and Firehose, as far as the Lambda uses them.

    Args:
        vpc: the VPC.
        subnets: by default the private ones.
        security_groups: by default each Lambda has one that allows all outbound and no inbound traffic.
    """

    vpc: ec2.IVpc
    subnets: ec2.SubnetSelection | None = None
    security_groups: Sequence[ec2.ISecurityGroup] = ()

    def to_options(self) -> NetworkOptions:
        """The arguments for the library's Lambda."""
        options: NetworkOptions = {"vpc": self.vpc}
        if self.subnets:
            options["vpc_subnets"] = self.subnets
        if self.security_groups:
            options["security_groups"] = list(self.security_groups)
        return options

    def let_in(self, role: iam.Role) -> None:
        """Grant a Lambda's role the rights on network interfaces that Lambda requires, but none on other logs.

        https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
        """
        role.add_to_policy(
            iam.PolicyStatement(
                sid="UseNetwork",
                actions=[
                    "ec2:AssignPrivateIpAddresses",
                    "ec2:CreateNetworkInterface",
                    "ec2:DeleteNetworkInterface",
                    "ec2:DescribeNetworkInterfaces",
                    "ec2:DescribeSubnets",
                    "ec2:UnassignPrivateIpAddresses",
                ],
                resources=["*"],
            )
        )
        acknowledge(
            role,
            "AwsSolutions-IAM5[Resource::*]",
            reason="Lambda checks for these rights on all resources before it attaches a function to a VPC; most of "
            "them have no resource in EC2.",
        )
