"""The event gate: Firehose's data transformation by a Lambda that checks every event."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from clickstream.bundling.code import FunctionCode
from clickstream.function_network import FunctionNetwork
from clickstream.lake.lake import Lake
from clickstream.log_groups import function_role, private_log_group
from clickstream.review import acknowledge, object_findings
from clickstream.watch.gate_metrics import GateMetrics
from clickstream_wire.environment import Gate

# A batch of 3 MB takes less than a second; Firehose would wait for five minutes.
_TIMEOUT = cdk.Duration.minutes(1)


class EventGate(Construct):
    """Lets through the events of one kind that follow their contract and fit their row, one a line.

    It puts fields that the contract does not list into the contract's object for the rest, and notes in `received_at`
    when the record arrived. Everything else becomes a reject, kept with its reason in a folder of the lake. Pass it to
    `ClickDelivery`.

    Args:
        scope: the parent.
        construct_id: its name there.
        deployment: the prefix of the deployment's names, e.g. of the function `<deployment>-<events>-gate`.
        events: the kind of event.
        contract: the JSON Schema of the events; the table needs a column for each of its fields, and RECEIVED_AT.
        lake: the lake that keeps the rejects.
        reject_prefix: their folder there, ending in a slash and inside no other.
        enabled: whether it checks events. One that is switched off stays, with Firehose's right to call it: Firehose
            takes minutes to apply a new configuration.
        code: its bundle; by default built from this package and the contract.
        buffering_size: the function is called once this much input is waiting (1-3 MiB) …
        buffering_interval: … or this much time has passed (0-900 s), whichever comes first.
        retries: how often Firehose repeats a call that was throttled or timed out, before it sets the records aside.
        memory_mib: memory of the function, and with it its share of a processor.
        role_name: the name of its IAM role; by default CloudFormation generates one.
        role_path: that role's path.
        network: its VPC; by default none.
        log_retention: how long its logs are kept.

    https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html
    https://docs.aws.amazon.com/firehose/latest/APIReference/API_UpdateDestination.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: str,
        events: str,
        contract: Path,
        lake: Lake,
        reject_prefix: str,
        enabled: bool = True,
        code: FunctionCode | None = None,
        buffering_size: cdk.Size | None = None,
        buffering_interval: cdk.Duration | None = None,
        retries: int = 10,
        memory_mib: int = 512,
        role_name: str | None = None,
        role_path: str | None = None,
        network: FunctionNetwork | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH,
    ) -> None:
        super().__init__(scope, construct_id)
        code = code or FunctionCode.gate(self, contract)
        self.enabled = enabled
        self.function_name = f"{deployment}-{events}-gate"
        self.metrics = GateMetrics(deployment=deployment, events=events, function_name=self.function_name)
        self.log_group = private_log_group(self, "Logs", log_retention)
        role = function_role(
            self,
            "Role",
            self.log_group,
            role_name=role_name,
            role_path=role_path,
            network=network,
            description=f"Event gate of {events}: writes rejects to the lake",
        )
        _let_write(role, lake, reject_prefix)
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=self.function_name,
            description=f"Checks {events} on their way to the lake",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=code.architecture,
            handler="event_gate.handler.on_records",
            code=code.code,
            role=role,
            timeout=_TIMEOUT,
            memory_size=memory_mib,
            log_group=self.log_group,
            environment={
                Gate.DEPLOYMENT: deployment,
                Gate.EVENTS: events,
                Gate.BUCKET: lake.bucket.bucket_name,
                Gate.REJECT_PREFIX: reject_prefix,
            },
            **(network.to_options() if network else {}),
        )
        self.processor = firehose.LambdaFunctionProcessor(
            self.function,
            buffer_size=buffering_size or cdk.Size.mebibytes(1),
            buffer_interval=buffering_interval or cdk.Duration.seconds(10),
            retries=retries,
        )


def _let_write(role: iam.Role, lake: Lake, prefix: str) -> None:
    role.add_to_policy(
        iam.PolicyStatement(
            sid="WriteRejects",
            actions=["s3:PutObject"],
            resources=[lake.bucket.arn_for_objects(f"{prefix}*")],
        )
    )
    if lake.encryption_key:
        role.add_to_policy(
            iam.PolicyStatement(
                sid="EncryptRejects",
                actions=["kms:GenerateDataKey"],
                resources=[lake.encryption_key.key_arn],
            )
        )
    acknowledge(
        role,
        *object_findings(role, lake.bucket, [prefix]),
        reason="The gate names its objects after their contents; the wildcard is bound to one folder of one bucket and "
        "holds no right to read or delete.",
    )
