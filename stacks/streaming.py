"""The stack that receives events and writes them to the lake."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from constructs import Construct

from clickstream import ClickDelivery, EventGate, EventLake, FunctionCode, log_retention
from clickstream.review import acknowledge
from config.model import PipelineConfig
from config.names import EventStream


class StreamingStack(cdk.Stack):
    """Holds, for each kind of event, the Firehose delivery stream and the Data Stream in front of it, if any."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: PipelineConfig,
        lake: EventLake,
        keep_data: bool,
        **stack_options: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack_options)
        self._keep_data = keep_data
        self.deliveries = {
            stream.name: self._build_delivery(stream, config, lake) for stream in config.event_streams
        }

    def _build_delivery(self, stream: EventStream, config: PipelineConfig, lake: EventLake) -> ClickDelivery:
        scope = Construct(self, stream.construct_id)
        streaming = config.streaming
        source = self._build_stream(scope, stream, config) if streaming.source == "kinesis" else None
        delivery = ClickDelivery(
            scope,
            "Delivery",
            lake=lake,
            delivery_stream_name=stream.delivery_stream_name,
            data_prefix=stream.data_prefix,
            error_prefix=stream.error_prefix,
            source=source,
            gate=self._build_gate(scope, stream, config, lake),
            buffering_size=cdk.Size.mebibytes(streaming.buffer_size_mib),
            buffering_interval=cdk.Duration.seconds(streaming.buffer_interval_seconds),
            log_retention=log_retention(streaming.log_retention_days),
        )
        front_door = source.stream_name if source else delivery.delivery_stream.delivery_stream_name
        cdk.CfnOutput(scope, "FrontDoor", value=front_door, description=f"Producers put {stream.name} here")
        cdk.CfnOutput(
            scope,
            "ProducerPolicy",
            # Text, not a managed policy: one that is attached to producers could not be deleted.
            value=self.to_json_string(iam.PolicyDocument(statements=delivery.put_statements())),
            description=f"IAM policy that producers of {stream.name} need",
        )
        self._export(delivery)
        if stream.name != config.event_streams[0].name:
            _refer_weakly(delivery)
        return delivery

    def _build_gate(
        self, scope: Construct, stream: EventStream, config: PipelineConfig, lake: EventLake
    ) -> EventGate:
        functions, gate = config.lambda_, config.gate
        return EventGate(
            scope,
            "Gate",
            deployment=config.prefix,
            events=stream.name,
            contract=stream.contract,
            lake=lake,
            reject_prefix=stream.reject_prefix,
            enabled=gate.enabled,
            code=FunctionCode.gate(
                scope, stream.contract, functions.architecture, this_machine=config.laptop
            ),
            buffering_size=cdk.Size.mebibytes(gate.buffer_size_mib),
            buffering_interval=cdk.Duration.seconds(gate.buffer_interval_seconds),
            retries=gate.retries,
            memory_mib=gate.memory_mib,
            log_retention=log_retention(functions.log_retention_days),
        )

    def _export(self, delivery: ClickDelivery) -> None:
        """Export everything that alarms, canary and sample producer need, even if this config has none of them.

        CloudFormation refuses to remove an export that another stack imports. If exports depended on their consumers,
        removing a consumer would fail. What is referred to weakly is imported by stacks of an earlier release.
        """
        self.export_value(delivery.delivery_stream.delivery_stream_arn)
        self.export_value(delivery.delivery_stream.delivery_stream_name)
        self.export_value(delivery.error_log_group.log_group_name)
        if delivery.source:
            self.export_value(delivery.source.stream_arn)
            self.export_value(delivery.source.stream_name)
            if delivery.source.encryption_key:
                self.export_value(delivery.source.encryption_key.key_arn)

    def _build_stream(
        self, scope: Construct, stream: EventStream, pipeline: PipelineConfig
    ) -> kinesis.Stream:
        config = pipeline.streaming.kinesis
        on_demand = config.mode == "on_demand"
        key = self._build_key(scope, stream) if config.encryption == "customer_key" else None
        # Records expire after the retention anyway, and a retained stream would cost money and occupy its name.
        removal_policy = (
            cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if pipeline.production else cdk.RemovalPolicy.DESTROY
        )
        source = kinesis.Stream(
            scope,
            "Stream",
            stream_name=stream.stream_name,
            stream_mode=kinesis.StreamMode.ON_DEMAND if on_demand else kinesis.StreamMode.PROVISIONED,
            shard_count=None if on_demand else config.shard_count,
            retention_period=cdk.Duration.hours(config.retention_hours),
            encryption=kinesis.StreamEncryption.KMS if key else kinesis.StreamEncryption.MANAGED,
            encryption_key=key,
            removal_policy=removal_policy,
        )
        if key:
            acknowledge(
                source,
                "AwsSolutions-KDS3",
                reason="The rule saves the cost of a key; this deployment's config asks for a customer key, whose "
                "policy and use its owner controls.",
            )
        return source

    def _build_key(self, scope: Construct, stream: EventStream) -> kms.Key:
        """A key for one stream: it serves those who may use the stream, through the stream alone.

        So producers can write from the moment on that the stream is encrypted. A key that the config gives up is kept,
        since records that wait in the stream need it.

        https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html
        """
        key = kms.Key(
            scope,
            "StreamKey",
            description=f"{stream.name} in transit",
            enable_key_rotation=True,
            removal_policy=(
                cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if self._keep_data else cdk.RemovalPolicy.DESTROY
            ),
        )
        cdk.CrossStackReferences.of(key).produce(cdk.ReferenceStrength.WEAK)
        by_kinesis = {"kms:ViaService": f"kinesis.{self.region}.amazonaws.com"}
        # Its name, since the stream refers to the key.
        arn = self.format_arn(service="kinesis", resource="stream", resource_name=stream.stream_name)
        for_the_stream = {"kms:CallerAccount": self.account, "kms:EncryptionContext:aws:kinesis:arn": arn}
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="UseThroughTheStream",
                actions=["kms:GenerateDataKey", "kms:Decrypt"],
                conditions={"StringEquals": by_kinesis | for_the_stream},
                principals=[iam.AnyPrincipal()],
                resources=["*"],
            )
        )
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="NoOtherUse",
                effect=iam.Effect.DENY,
                actions=["kms:GenerateDataKey*", "kms:Decrypt", "kms:Encrypt", "kms:ReEncrypt*"],
                conditions={"StringNotEquals": by_kinesis},
                principals=[iam.AnyPrincipal()],
                resources=["*"],
            )
        )
        return key


def _refer_weakly(delivery: ClickDelivery) -> None:
    """Let the delivery be removed while other stacks use it: CloudFormation refuses to remove an export in use.

    A weak reference keeps the value of its last deployment. It is never out of date here, because the names of such a
    kind of event do not change as long as it exists.
    """
    for part in (delivery.delivery_stream, delivery.source, delivery.error_log_group):
        if part:
            cdk.CrossStackReferences.of(part).produce(cdk.ReferenceStrength.WEAK)
