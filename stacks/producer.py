"""The stack that can be taken away first: events for a pipeline that nobody feeds yet."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from clickstream import BundleTarget, ClickDelivery, ProducerNetwork, SampleProducer, bundled_asset
from clickstream.producer.machine import processor_of
from clickstream.review import acknowledge
from config import ROOT
from config.model import PipelineConfig
from stacks.log_retention import retention_of

_PYTHON = "3.14"  # a package of Amazon Linux 2023
_PACKAGES = ("producer", "contract")


class ProducerStack(cdk.Stack):
    """Holds the sample producer, and its network unless it is given one."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: PipelineConfig,
        delivery: ClickDelivery,
        **stack_options: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack_options)
        wanted = config.sample_producer
        clicks = config.event_streams[0]
        instance_type = ec2.InstanceType(wanted.instance_type)
        network = None if wanted.vpc_id else self._build_network(config)
        self.producer = SampleProducer(
            self,
            "SampleProducer",
            delivery=delivery,
            deployment=config.prefix,
            events=clicks.name,
            contract=f"contract/{clicks.contract.name}",
            code=self._build_code(config, instance_type),
            python=_PYTHON,
            vpc=network.vpc if network else self._given_vpc(wanted.vpc_id, wanted.subnet_id),
            instance_type=instance_type,
            events_per_second=wanted.events_per_second,
            log_retention=retention_of(wanted.log_retention_days),
        )
        if network:
            self.producer.group.node.add_dependency(network.way_out)

    def _build_network(self, config: PipelineConfig) -> ProducerNetwork:
        return ProducerNetwork(
            self, "Network", log_retention=retention_of(config.sample_producer.log_retention_days)
        )

    def _given_vpc(self, vpc_id: str, subnet_id: str) -> ec2.IVpc:
        # The ids are all we need, so nothing is looked up in the account; the zone is asked for, but not used.
        vpc = ec2.Vpc.from_vpc_attributes(
            self, "Vpc", vpc_id=vpc_id, availability_zones=["unknown"], private_subnet_ids=[subnet_id]
        )
        acknowledge(
            vpc,
            finding="Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId",
            reason="Nothing is routed here: the subnet is given as it is, with the way out that its owner made.",
        )
        return vpc

    def _build_code(self, config: PipelineConfig, instance_type: ec2.InstanceType) -> s3_assets.Asset:
        target = (
            BundleTarget.this_machine()
            if config.laptop
            else BundleTarget.aws(python=_PYTHON, architecture=processor_of(instance_type))
        )
        return bundled_asset(
            self,
            "Code",
            packages=[ROOT / package for package in _PACKAGES],
            target=target,
            cache=ROOT / "build" / "producer",
        )
