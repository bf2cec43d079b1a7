"""A delivery stream acts as its role: denied reads and writes wait until the role allows them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from laptop.testing.aws import ACCOUNT, REGION, Emulator, policy, unique
from laptop.testing.waiting import eventually

FIREHOSE = "firehose.amazonaws.com"
READ_STREAM = [
    "kinesis:DescribeStream",
    "kinesis:ListShards",
    "kinesis:GetShardIterator",
    "kinesis:GetRecords",
]


class Pipeline:
    """One delivery stream with its own role, bucket and log."""

    def __init__(self, emulator: Emulator, *rights: dict[str, Any], kinesis: str | None = None) -> None:
        self.emulator = emulator
        self.bucket = emulator.create_bucket()
        self.role = unique("delivery")
        self.log_group = unique("/firehose")
        logs = emulator.client("logs")
        logs.create_log_group(logGroupName=self.log_group)
        logs.create_log_stream(logGroupName=self.log_group, logStreamName="S3Delivery")
        arn = emulator.create_role(self.role, FIREHOSE, *rights)
        source: dict[str, Any] = {}
        if kinesis:
            stream = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{kinesis}"
            source = {
                "DeliveryStreamType": "KinesisStreamAsSource",
                "KinesisStreamSourceConfiguration": {"KinesisStreamARN": stream, "RoleARN": arn},
            }
        self.stream = unique("stream")
        emulator.client("firehose").create_delivery_stream(
            DeliveryStreamName=self.stream,
            ExtendedS3DestinationConfiguration={
                "BucketARN": f"arn:aws:s3:::{self.bucket}",
                "RoleARN": arn,
                "Prefix": "events/",
                "ErrorOutputPrefix": "errors/",
                "BufferingHints": {"IntervalInSeconds": 0, "SizeInMBs": 1},
                "CloudWatchLoggingOptions": {
                    "Enabled": True,
                    "LogGroupName": self.log_group,
                    "LogStreamName": "S3Delivery",
                },
            },
            **source,
        )
        emulator.active_delivery_stream(self.stream)

    @property
    def may_write(self) -> dict[str, Any]:
        return {"Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{self.bucket}/events/*"}

    @property
    def may_log(self) -> dict[str, Any]:
        group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{self.log_group}:*"
        return {"Action": "logs:PutLogEvents", "Resource": group}

    def grant(self, *rights: dict[str, Any]) -> None:
        self.emulator.grant(self.role, *rights)

    def put(self, *payloads: bytes) -> None:
        self.emulator.client("firehose").put_record_batch(
            DeliveryStreamName=self.stream, Records=[{"Data": payload} for payload in payloads]
        )

    def delivered(self) -> bytes:
        objects = self.emulator.objects(self.bucket, "events/")
        return b"".join(body for _, body in sorted(objects.items()))

    def logged(self) -> list[dict[str, Any]]:
        events = self.emulator.client("logs").filter_log_events(logGroupName=self.log_group)["events"]
        return [json.loads(event["message"]) for event in events]


def test_a_write_the_role_may_not_make_is_logged_and_retried_until_it_may(emulator: Emulator) -> None:
    pipeline = Pipeline(emulator)
    pipeline.grant(pipeline.may_log)
    pipeline.put(b"patient")
    refused = eventually(pipeline.logged)[0]
    assert refused["errorCode"] == "S3.AccessDenied"
    assert (
        f"not authorized to perform s3:PutObject on arn:aws:s3:::{pipeline.bucket}/events/"
        in refused["message"]
    )
    assert pipeline.delivered() == b""
    pipeline.grant(pipeline.may_log, pipeline.may_write)
    assert eventually(pipeline.delivered) == b"patient"


def test_without_the_right_to_log_it_logs_nothing(emulator: Emulator) -> None:
    pipeline = Pipeline(emulator)
    pipeline.put(b"silent")
    eventually(lambda: "logs:PutLogEvents" in emulator.log.read_text())
    assert pipeline.logged() == []
    pipeline.grant(pipeline.may_write)
    assert eventually(pipeline.delivered) == b"silent"


def test_a_prefix_that_the_role_may_not_write_is_denied(emulator: Emulator) -> None:
    pipeline = Pipeline(emulator)
    elsewhere = {"Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{pipeline.bucket}/eventually/*"}
    pipeline.grant(pipeline.may_log, elsewhere)
    pipeline.put(b"x")
    assert eventually(pipeline.logged)[0]["errorCode"] == "S3.AccessDenied"


@pytest.mark.parametrize(
    "closed",
    [
        pytest.param({"Principal": {"Service": "lambda.amazonaws.com"}}, id="another service"),
        pytest.param(
            {
                "Principal": {"Service": FIREHOSE},
                "Condition": {"StringEquals": {"sts:ExternalId": "999999999999"}},
            },
            id="another account",
        ),
    ],
)
def test_a_role_that_does_not_trust_firehose_is_refused(emulator: Emulator, closed: dict[str, Any]) -> None:
    pipeline, iam = Pipeline(emulator), emulator.client("iam")
    pipeline.grant(pipeline.may_write)
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    iam.update_assume_role_policy(RoleName=pipeline.role, PolicyDocument=policy({**trust, **closed}))
    pipeline.put(b"x")
    eventually(lambda: f"role/{pipeline.role} does not let Firehose assume it" in emulator.log.read_text())
    assert pipeline.delivered() == b""
    condition = {"StringEquals": {"sts:ExternalId": ACCOUNT}}
    opened = {**trust, "Principal": {"Service": FIREHOSE}, "Condition": condition}
    iam.update_assume_role_policy(RoleName=pipeline.role, PolicyDocument=policy(opened))
    assert eventually(pipeline.delivered) == b"x"


def test_writing_to_a_bucket_with_a_customer_key_needs_the_right_to_use_the_key(
    emulator: Emulator,
) -> None:
    pipeline = Pipeline(emulator)
    key = emulator.client("kms").create_key()["KeyMetadata"]["Arn"]
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    emulator.client("s3").put_bucket_encryption(
        Bucket=pipeline.bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )
    pipeline.grant(pipeline.may_log, pipeline.may_write)
    pipeline.put(b"secret")
    assert eventually(pipeline.logged)[0]["errorCode"] == "S3.AccessDenied"
    may_encrypt = {"Action": "kms:GenerateDataKey", "Resource": key}
    pipeline.grant(pipeline.may_log, pipeline.may_write, may_encrypt)
    assert eventually(pipeline.delivered) == b"secret"


@pytest.mark.parametrize("missing", READ_STREAM)
def test_records_the_role_may_not_read_wait_in_the_data_stream(emulator: Emulator, missing: str) -> None:
    kinesis, client = unique("clicks"), emulator.client("kinesis")
    client.create_stream(StreamName=kinesis, ShardCount=1)
    pipeline = Pipeline(emulator, kinesis=kinesis)
    source = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{kinesis}"
    fewer = [action for action in READ_STREAM if action != missing]
    pipeline.grant(pipeline.may_write, {"Action": fewer, "Resource": source})
    for payload in (b"1", b"2", b"3"):
        client.put_record(StreamName=kinesis, Data=payload, PartitionKey="same")
    refused = f"role/{pipeline.role} is not authorized to perform {missing} on {source}"
    eventually(lambda: refused in emulator.log.read_text())
    assert pipeline.delivered() == b""
    pipeline.grant(pipeline.may_write, {"Action": READ_STREAM, "Resource": source})
    client.put_record(StreamName=kinesis, Data=b"4", PartitionKey="same")
    eventually(lambda: len(pipeline.delivered()) == 4)
    assert pipeline.delivered() == b"1234"
