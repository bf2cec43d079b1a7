"""An EC2 instance that sends sample events."""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from clickstream.bundling.target import PYTHON
from clickstream.delivery import ClickDelivery
from clickstream.log_groups import private_log_group
from clickstream.metric_source import MINUTE, MetricOptions
from clickstream.producer.machine import ProducerMachine
from clickstream.review import acknowledge
from clickstream_wire.metrics import NAMESPACE, SENT_EVENTS, Dimension, LogField

_SETUP = Path(__file__).with_suffix(".sh")
_SENT = f"$.{LogField.SENT}"
_FIELDS = {
    Dimension.DEPLOYMENT.value: f"$.{LogField.DEPLOYMENT}",
    Dimension.EVENTS.value: f"$.{LogField.EVENTS}",
}


class SampleProducer(Construct):
    """An EC2 instance that sends generated click sessions to a delivery's front door.

    It allows no login: no key, no open port, no session manager. It reports to its log group, and each new version is
    a new instance. An Auto Scaling group of one replaces a failed instance and gives the CPU metric a stable name. A
    deployment succeeds when the stream has accepted the first event.

    Args:
        scope: the parent.
        construct_id: its name there.
        delivery: the delivery to send events to.
        deployment: the prefix of the group's name, and a dimension of the metric.
        events: the kind of event, the other dimension.
        contract: the JSON Schema of the event, a path in `code`.
        code: the producer's bundle for the instance's architecture, see `producer_code`.
        vpc: the VPC of the instance; its subnet must reach AWS endpoints and Amazon Linux's packages by HTTPS.
        instance_type: size, and with it the architecture.
        events_per_second: the rate at which it sends.
        log_retention: how long its log is kept.
        role_path: the path of the instance's role.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        delivery: ClickDelivery,
        deployment: str,
        events: str,
        contract: str,
        code: s3_assets.Asset,
        vpc: ec2.IVpc,
        instance_type: ec2.InstanceType,
        events_per_second: float = 1,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH,
        role_path: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._group_name = f"{deployment}-sample-producer"
        self._dimensions = {Dimension.DEPLOYMENT.value: deployment, Dimension.EVENTS.value: events}
        self._log_group = self._build_log_group(log_retention)
        region = cdk.Stack.of(self).region
        user_data = ec2.UserData.for_linux()
        machine = ProducerMachine(
            self,
            "Machine",
            vpc=vpc,
            instance_type=instance_type,
            code=code,
            user_data=user_data,
            role_path=role_path,
        )
        delivery.grant_put(machine.role)
        self._log_group.grant_write(machine.role)
        user_data.add_commands(
            f"CODE_URL={code.s3_object_url}",
            f"LOG_GROUP={self._log_group.log_group_name}",
            f"PYTHON=python{PYTHON}",
            f"REGION={region}",
            f'PRODUCER_ARGUMENTS="{_front_door(delivery)} --region {region} --rate {events_per_second:g} '
            f'--contract {contract} --deployment {deployment} --events {events}"',
            _SETUP.read_text(encoding="utf-8"),
        )
        self._group = self._build_group(machine.template, vpc)
        user_data.add_signal_on_exit_command(self._group)
        # Without its permissions the first event would be refused.
        self._group.node.add_dependency(machine.role)

    @property
    def group(self) -> autoscaling.IAutoScalingGroup:
        """The group of one, for wiring."""
        return self._group

    @property
    def log_group(self) -> logs.ILogGroup:
        """The log group: the producer's report, one line a minute, and the output of the instance's set-up."""
        return self._log_group

    def metric_sent_events(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Events that the front door accepted."""
        options.setdefault("period", MINUTE)
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=SENT_EVENTS,
            dimensions_map=self._dimensions,
            statistic="Sum",
            **options,
        )

    def metric_cpu(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Percent of the instance's CPU in use.

        Refers to the group by its literal name, so that another stack's dashboard does not depend on this stack.
        """
        options.setdefault("period", MINUTE)
        return cloudwatch.Metric(
            namespace="AWS/EC2",
            metric_name="CPUUtilization",
            dimensions_map={"AutoScalingGroupName": self._group_name},
            statistic="Average",
            **options,
        )

    def _build_log_group(self, retention: logs.RetentionDays) -> logs.LogGroup:
        log_group = private_log_group(self, "Logs", retention)
        logs.MetricFilter(
            self,
            "Sent",
            log_group=log_group,
            # Dimensions must be fields of the line, and the pattern must name them.
            filter_pattern=logs.FilterPattern.all(
                logs.FilterPattern.number_value(_SENT, ">=", 0),
                *(
                    logs.FilterPattern.string_value(field, "=", self._dimensions[name])
                    for name, field in _FIELDS.items()
                ),
            ),
            metric_namespace=NAMESPACE,
            metric_name=SENT_EVENTS,
            metric_value=_SENT,
            dimensions=_FIELDS,
        )
        return log_group

    def _build_group(self, template: ec2.LaunchTemplate, vpc: ec2.IVpc) -> autoscaling.AutoScalingGroup:
        group = autoscaling.AutoScalingGroup(
            self,
            "Group",
            auto_scaling_group_name=self._group_name,
            vpc=vpc,
            launch_template=template,
            min_capacity=1,
            max_capacity=1,
            signals=autoscaling.Signals.wait_for_all(timeout=cdk.Duration.minutes(10)),
            update_policy=autoscaling.UpdatePolicy.rolling_update(
                max_batch_size=1, min_instances_in_service=0, pause_time=cdk.Duration.minutes(10)
            ),
        )
        acknowledge(
            group,
            "AwsSolutions-AS3",
            reason="The group never scales; a missing instance shows in the SentEvents metric, and its events are "
            "generated ones.",
        )
        return group


def _front_door(delivery: ClickDelivery) -> str:
    """The producer's command-line option that names the stream."""
    if delivery.source:
        return f"--stream {delivery.source.stream_name}"
    return f"--delivery-stream {delivery.delivery_stream.delivery_stream_name}"
