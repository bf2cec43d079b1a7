"""The delivery stream: from a producer's call to files in the event lake."""

from __future__ import annotations

from typing import Unpack

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_logs as logs
from constructs import Construct

from clickstream.event_gate import EventGate
from clickstream.lake.lake import Lake
from clickstream.log_groups import private_log_group
from clickstream.metric_source import MetricOptions
from clickstream.review import acknowledge, object_findings


class ClickDelivery(Construct):
    """Delivers events into the lake as gzip files of newline-delimited JSON, one prefix an hour.

    Producers write to the Kinesis Data Stream if there is one, else to the delivery stream itself (Direct PUT): several
    events per record and no trailing newline, which the gate or the delivery stream adds.

    Args:
        scope: the parent.
        construct_id: its name there.
        lake: the lake to write to.
        data_prefix: the folder of these events there; by default the lake's first.
        error_prefix: the folder of failures, the lake's or one below it; by default the lake's.
        delivery_stream_name: the Firehose delivery stream's name.
        source: the Kinesis Data Stream to read; by default producers put records directly.
        gate: checks every event; without one, or with one that is switched off, records are written as they come, each
            followed by a newline.
        buffering_size: a file is written when this much uncompressed input is waiting (1-128 MiB) …
        buffering_interval: … or this much time has passed (0-900 s), whichever comes first.
        log_retention: how long delivery errors stay in CloudWatch Logs.
        role_path: the path of the delivery stream's role.

    https://docs.aws.amazon.com/firehose/latest/APIReference/API_BufferingHints.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        lake: Lake,
        delivery_stream_name: str,
        data_prefix: str | None = None,
        error_prefix: str | None = None,
        source: kinesis.IStream | None = None,
        gate: EventGate | None = None,
        buffering_size: cdk.Size | None = None,
        buffering_interval: cdk.Duration | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH,
        role_path: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._source = source
        self.gate = gate if gate and gate.enabled else None
        data_prefix = data_prefix or lake.data_prefixes[0]
        self.error_prefix = error_prefix = error_prefix or lake.error_prefix
        self._lake = lake
        self._log_group = private_log_group(self, "Errors", log_retention)
        role = self._build_role(lake, gate, role_path, data_prefix, error_prefix)
        # The library's grant would add s3:DeleteObject*, s3:GetObject* and more on the whole bucket.
        frozen_role = role.without_policy_updates()
        self._delivery_stream = firehose.DeliveryStream(
            self,
            "DeliveryStream",
            delivery_stream_name=delivery_stream_name,
            # A delivery stream that reads a Data Stream cannot encrypt records itself: the Data Stream does.
            encryption=None if source else firehose.StreamEncryption.aws_owned_key(),
            source=firehose.KinesisStreamSource(source) if source else None,
            role=frozen_role,
            destination=firehose.S3Bucket(
                lake.bucket,
                role=frozen_role,
                buffering_size=buffering_size or cdk.Size.mebibytes(128),
                buffering_interval=buffering_interval or cdk.Duration.seconds(60),
                compression=firehose.Compression.GZIP,
                encryption_key=lake.encryption_key,
                data_output_prefix=f"{data_prefix}dt=!{{timestamp:yyyy-MM-dd}}/hh=!{{timestamp:HH}}/",
                error_output_prefix=(
                    f"{error_prefix}!{{firehose:error-output-type}}/dt=!{{timestamp:yyyy-MM-dd}}/"
                ),
                processors=[
                    self.gate.processor if self.gate else firehose.AppendDelimiterToRecordProcessor()
                ],
                logging_config=firehose.EnableLogging(self._log_group),
            ),
        )
        self._delivery_stream.node.add_dependency(role)
        if cdk.Token.is_unresolved(cdk.Stack.of(self).region):
            acknowledge(
                cdk.Stack.of(self),
                "CloudFormation-Validate::W7001",
                reason="The library adds its table of Firehose addresses by region, even when no policy uses it.",
            )
        if source:
            acknowledge(
                self._delivery_stream,
                "AwsSolutions-KDF1",
                reason="Firehose allows no encryption setting when it reads a Data Stream: records wait in that "
                "stream, which is encrypted.",
            )

    @property
    def delivery_stream(self) -> firehose.IDeliveryStream:
        """The Firehose delivery stream, for metrics and wiring."""
        return self._delivery_stream

    @property
    def source(self) -> kinesis.IStream | None:
        """The Kinesis Data Stream in front, if any."""
        return self._source

    @property
    def error_log_group(self) -> logs.ILogGroup:
        """Log group in which Firehose records why a delivery failed."""
        return self._log_group

    def put_statements(self) -> list[iam.PolicyStatement]:
        """The rights of a producer: to send events to the front door (the Data Stream or the delivery stream).

        https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html
        """
        if self._source is None:
            actions = ["firehose:PutRecord", "firehose:PutRecordBatch"]
            arn = self._delivery_stream.delivery_stream_arn
            return [iam.PolicyStatement(actions=actions, resources=[arn])]
        actions = ["kinesis:PutRecord", "kinesis:PutRecords"]
        statements = [iam.PolicyStatement(actions=actions, resources=[self._source.stream_arn])]
        if key := self._source.encryption_key:
            statements.append(iam.PolicyStatement(actions=["kms:GenerateDataKey"], resources=[key.key_arn]))
        return statements

    def grant_put(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` send events to the front door, and nothing else."""
        for statement in self.put_statements():
            grantee.grant_principal.add_to_principal_policy(statement)

    def metric_failed_files(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Files of events that could not be delivered."""
        return self._lake.metric_puts(self.error_prefix, **options)

    def _build_role(self, lake: Lake, gate: EventGate | None, path: str | None, *prefixes: str) -> iam.Role:
        """The rights that Firehose documents for this destination, cut to our prefixes and log group.

        https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3
        """
        role = iam.Role(
            self,
            "Role",
            path=path,
            # Only delivery streams of this account may use the role (the confused-deputy guard). AWS documents the
            # external ID, and the CDK's own roles for Firehose have the source account: either is enough.
            assumed_by=iam.CompositePrincipal(
                *(
                    iam.ServicePrincipal(
                        "firehose.amazonaws.com",
                        conditions={"StringEquals": {key: cdk.Stack.of(self).account}},
                    )
                    for key in ("sts:ExternalId", "aws:SourceAccount")
                )
            ),
            description="Firehose: reads the source stream, writes events and failures to the lake",
        )
        folders = [lake.bucket.arn_for_objects(f"{prefix}*") for prefix in prefixes]
        role.add_to_policy(
            iam.PolicyStatement(
                sid="WriteFiles",
                actions=["s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload"],
                resources=folders,
            )
        )
        role.add_to_policy(
            iam.PolicyStatement(
                sid="FindBucket",
                actions=["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
                resources=[lake.bucket.bucket_arn],
            )
        )
        role.add_to_policy(
            iam.PolicyStatement(
                sid="ReportErrors", actions=["logs:PutLogEvents"], resources=[self._log_group.log_group_arn]
            )
        )
        if gate:  # even if it is switched off
            function = gate.function.function_arn
            role.add_to_policy(
                iam.PolicyStatement(
                    sid="CallGate",
                    actions=["lambda:InvokeFunction", "lambda:GetFunctionConfiguration"],
                    resources=[function, f"{function}:$LATEST"],
                )
            )
        if self._source:
            role.add_to_policy(
                iam.PolicyStatement(
                    sid="ReadStream",
                    actions=[
                        "kinesis:DescribeStream",
                        "kinesis:GetShardIterator",
                        "kinesis:GetRecords",
                        "kinesis:ListShards",
                    ],
                    resources=[self._source.stream_arn],
                )
            )
            if self._source.encryption_key:
                self._source.encryption_key.grant_decrypt(role)
        if lake.encryption_key:
            role.add_to_policy(
                iam.PolicyStatement(
                    sid="EncryptFiles",
                    actions=["kms:Decrypt", "kms:GenerateDataKey"],
                    resources=[lake.encryption_key.key_arn],
                )
            )
        acknowledge(
            role,
            *object_findings(self, lake.bucket, prefixes),
            reason="Firehose names the files it writes; each wildcard is bound to one folder of one bucket and holds "
            "no right to delete.",
        )
        return role
