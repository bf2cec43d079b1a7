"""The stack of the sample producer, which can be removed at any time."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from clickstream import ClickDelivery, log_retention
from clickstream.producer import ProducerNetwork, SampleProducer, processor_of, producer_code
from clickstream.review import acknowledge
from config.model import PipelineConfig


class ProducerStack(cdk.Stack):
    """Holds the sample producer, and its network unless the config names one."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: PipelineConfig,
        delivery: ClickDelivery,
        **stack_options: Any,
    ) -> None:
        # It holds no events, and is meant to be deletable.
        super().__init__(scope, construct_id, **{**stack_options, "termination_protection": False})
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
            code=producer_code(self, "Code", processor_of(instance_type), this_machine=config.laptop),
            vpc=network.vpc if network else self._given_vpc(wanted.vpc_id, wanted.subnet_id),
            instance_type=instance_type,
            events_per_second=wanted.events_per_second,
            log_retention=log_retention(wanted.log_retention_days),
        )
        if network:
            self.producer.group.node.add_dependency(network.way_out)

    def _build_network(self, config: PipelineConfig) -> ProducerNetwork:
        return ProducerNetwork(
            self, "Network", log_retention=log_retention(config.sample_producer.log_retention_days)
        )

    def _given_vpc(self, vpc_id: str, subnet_id: str) -> ec2.IVpc:
        # The ids are enough, so nothing is looked up in the account; the zone is required, but not used.
        vpc = ec2.Vpc.from_vpc_attributes(
            self, "Vpc", vpc_id=vpc_id, availability_zones=["unknown"], private_subnet_ids=[subnet_id]
        )
        acknowledge(
            vpc,
            "Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId",
            reason="The subnet is imported unchanged, with its owner's routes.",
        )
        return vpc
