"""The network of the sample producer: outbound connections only."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from clickstream.log_groups import private_log_group


class ProducerNetwork(Construct):
    """A VPC with one public subnet, no NAT, and flow logs.

    Built from L1 resources: the library's VPC looks up the account's zones during synthesis.

    Args:
        scope: the parent.
        construct_id: its name there.
        log_retention: how long flow logs are kept.
        role_path: the path of the flow logs' role.

    https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH,
        role_path: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        # The smallest size: AWS reserves five of its sixteen addresses, the producer needs two while it is replaced.
        network = ec2.CfnVPC(self, "Vpc", cidr_block="10.0.0.0/28", enable_dns_hostnames=True)
        subnet = ec2.CfnSubnet(
            self, "Subnet", vpc_id=network.ref, cidr_block="10.0.0.0/28", map_public_ip_on_launch=True
        )
        table = ec2.CfnRouteTable(self, "Routes", vpc_id=network.ref)
        self._way_out = self._build_way_out(network, subnet, table)
        self._log_flows(network, log_retention, role_path)
        self._vpc = ec2.Vpc.from_vpc_attributes(
            self,
            "AsVpc",
            vpc_id=network.ref,
            availability_zones=[subnet.attr_availability_zone],
            public_subnet_ids=[subnet.ref],
            public_subnet_route_table_ids=[table.ref],
        )

    @property
    def vpc(self) -> ec2.IVpc:
        """The VPC with its subnet, in a zone that AWS chose; instances there get a public address."""
        return self._vpc

    @property
    def way_out(self) -> ec2.CfnRoute:
        """The default route, without which nothing in the subnet reaches the internet."""
        return self._way_out

    def _build_way_out(
        self, network: ec2.CfnVPC, subnet: ec2.CfnSubnet, table: ec2.CfnRouteTable
    ) -> ec2.CfnRoute:
        gateway = ec2.CfnInternetGateway(self, "Gateway")
        attached = ec2.CfnVPCGatewayAttachment(
            self, "GatewayAttachment", vpc_id=network.ref, internet_gateway_id=gateway.ref
        )
        used = ec2.CfnSubnetRouteTableAssociation(
            self, "SubnetRoutes", subnet_id=subnet.ref, route_table_id=table.ref
        )
        route = ec2.CfnRoute(
            self,
            "WayOut",
            route_table_id=table.ref,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway.ref,
        )
        route.add_resource_dependency(attached)
        route.add_resource_dependency(used)
        return route

    def _log_flows(self, network: ec2.CfnVPC, retention: logs.RetentionDays, path: str | None) -> None:
        log_group = private_log_group(self, "Flows", retention)
        role = iam.Role(
            self,
            "FlowsRole",
            path=path,
            assumed_by=iam.ServicePrincipal(
                "vpc-flow-logs.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}},
            ),
            description="VPC flow logs: writes to one log group",
        )
        role.add_to_policy(
            iam.PolicyStatement(
                sid="WriteFlows",
                actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                resources=[log_group.log_group_arn],
            )
        )
        ec2.CfnFlowLog(
            self,
            "FlowLog",
            resource_id=network.ref,
            resource_type="VPC",
            traffic_type="ALL",
            log_group_name=log_group.log_group_name,
            deliver_logs_permission_arn=role.role_arn,
        )
