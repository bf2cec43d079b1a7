"""The emulator enforces IAM for every caller, as AWS documents it."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from laptop.testing.aws import (
    ACCOUNT,
    REGION,
    Emulator,
    policy,
    unique,
    zipped,
)
from laptop.testing.waiting import eventually


class Person:
    """An IAM user with an access key."""

    def __init__(self, emulator: Emulator, *rights: dict[str, Any]) -> None:
        self._emulator = emulator
        self.name = unique("person")
        iam = emulator.client("iam")
        iam.create_user(UserName=self.name)
        self._key = iam.create_access_key(UserName=self.name)["AccessKey"]
        self.grant(*rights)

    def grant(self, *rights: dict[str, Any]) -> None:
        document = policy(*({"Effect": "Allow", **right} for right in rights))
        self._emulator.client("iam").put_user_policy(
            UserName=self.name, PolicyName="rights", PolicyDocument=document
        )

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{self._emulator.port}",
            region_name=REGION,
            aws_access_key_id=self._key["AccessKeyId"],
            aws_secret_access_key=self._key["SecretAccessKey"],
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )


NOTHING_MUCH = {"Action": "sts:GetCallerIdentity", "Resource": "*"}


def test_actions_without_a_policy_are_denied_and_logged(emulator: Emulator, bucket: str) -> None:
    person = Person(emulator, NOTHING_MUCH)
    with pytest.raises(ClientError, match="AccessDenied"):
        person.client("s3").put_object(Bucket=bucket, Key="a", Body=b"")
    said = f"user/{person.name} may not s3:PutObject on arn:aws:s3:::{bucket}/a"
    assert said in eventually(lambda: emulator.log.read_text())


def test_a_bucket_that_requires_tls_is_accessible_on_loopback(emulator: Emulator, bucket: str) -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*"}
    insist = {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    emulator.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy(insist))
    person = Person(emulator, {"Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*"})
    person.client("s3").put_object(Bucket=bucket, Key="a", Body=b"")
    emulator.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy(deny))
    with pytest.raises(ClientError, match="AccessDenied"):
        person.client("s3").put_object(Bucket=bucket, Key="a", Body=b"")


class TestCustomerKey:
    @pytest.fixture
    def key(self, emulator: Emulator) -> str:
        return str(emulator.client("kms").create_key()["KeyMetadata"]["Arn"])

    @pytest.mark.parametrize("by", ["the bucket", "the writer"])
    def test_writing_and_reading_encrypted_objects_needs_the_right_to_use_the_key(
        self, emulator: Emulator, bucket: str, key: str, by: str
    ) -> None:
        options = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
        if by == "the bucket":
            options = {}
            rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
            emulator.client("s3").put_bucket_encryption(
                Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
            )
        objects = {"Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"arn:aws:s3:::{bucket}/*"}
        person = Person(emulator, objects)
        with pytest.raises(ClientError, match="AccessDenied"):
            person.client("s3").put_object(Bucket=bucket, Key="a", Body=b"secret", **options)
        person.grant(objects, {"Action": "kms:GenerateDataKey", "Resource": key})
        person.client("s3").put_object(Bucket=bucket, Key="a", Body=b"secret", **options)
        with pytest.raises(ClientError, match="AccessDenied"):
            person.client("s3").get_object(Bucket=bucket, Key="a")
        person.grant(objects, {"Action": "kms:Decrypt", "Resource": key})
        assert person.client("s3").get_object(Bucket=bucket, Key="a")["Body"].read() == b"secret"

    def test_putting_records_into_an_encrypted_stream_needs_the_right_to_use_the_key(
        self, emulator: Emulator, key: str
    ) -> None:
        stream, kinesis = unique("clicks"), emulator.client("kinesis")
        kinesis.create_stream(StreamName=stream, ShardCount=1)
        kinesis.start_stream_encryption(StreamName=stream, EncryptionType="KMS", KeyId=key)
        arn = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{stream}"
        put = {"Action": "kinesis:PutRecord", "Resource": arn}
        person = Person(emulator, put)
        with pytest.raises(ClientError, match="AccessDenied"):
            person.client("kinesis").put_record(StreamARN=arn, Data=b"x", PartitionKey="x")
        person.grant(put, {"Action": "kms:GenerateDataKey", "Resource": key})
        person.client("kinesis").put_record(StreamARN=arn, Data=b"x", PartitionKey="x")

    def test_a_key_policy_can_let_everyone_use_the_key_for_one_stream(
        self, emulator: Emulator, key: str
    ) -> None:
        kinesis = emulator.client("kinesis")
        arns = {
            name: f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{unique(name)}" for name in ("mine", "other")
        }
        for arn in arns.values():
            name = arn.rpartition("/")[2]
            kinesis.create_stream(StreamName=name, ShardCount=1)
            kinesis.start_stream_encryption(StreamName=name, EncryptionType="KMS", KeyId=key)
        conditions = {
            "kms:CallerAccount": ACCOUNT,
            "kms:ViaService": f"kinesis.{REGION}.amazonaws.com",
            "kms:EncryptionContext:aws:kinesis:arn": arns["mine"],
        }
        everyone = {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": "kms:GenerateDataKey",
            "Resource": "*",
        }
        use = policy({**everyone, "Condition": {"StringEquals": conditions}})
        emulator.client("kms").put_key_policy(KeyId=key, Policy=use)
        producer = Person(emulator, {"Action": "kinesis:PutRecord", "Resource": list(arns.values())}).client(
            "kinesis"
        )
        producer.put_record(StreamARN=arns["mine"], Data=b"x", PartitionKey="x")
        with pytest.raises(ClientError, match="AccessDenied"):
            producer.put_record(StreamARN=arns["other"], Data=b"x", PartitionKey="x")


def test_the_arn_of_a_log_group_from_cloudformation_works_in_a_policy(emulator: Emulator) -> None:
    logs, mine, other = emulator.client("logs"), unique("/mine"), unique("/other")
    for group in (mine, other):
        logs.create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{mine}:*"
    person = Person(emulator, {"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": arn})
    mine_only = person.client("logs")
    mine_only.create_log_stream(logGroupName=mine, logStreamName="s")
    line = {"timestamp": 1_700_000_000_000, "message": "hello"}
    mine_only.put_log_events(logGroupName=mine, logStreamName="s", logEvents=[line])
    with pytest.raises(ClientError, match="AccessDenied"):
        mine_only.create_log_stream(logGroupName=other, logStreamName="s")


def test_metrics_can_only_be_put_into_the_namespace_of_the_policy(emulator: Emulator) -> None:
    condition = {"StringEquals": {"cloudwatch:namespace": "Ours"}}
    person = Person(emulator, {"Action": "cloudwatch:PutMetricData", "Resource": "*", "Condition": condition})
    cloudwatch = person.client("cloudwatch")
    cloudwatch.put_metric_data(Namespace="Ours", MetricData=[{"MetricName": "M", "Value": 1}])
    with pytest.raises(ClientError, match="AccessDenied"):
        cloudwatch.put_metric_data(Namespace="Theirs", MetricData=[{"MetricName": "M", "Value": 1}])
    with pytest.raises(ClientError, match="cloudwatch:DescribeAlarms"):
        cloudwatch.describe_alarms()


LISTER = """
import boto3
def handler(event, context):
    try:
        return boto3.client("s3").list_objects_v2(Bucket=event["bucket"])["KeyCount"]
    except Exception as error:
        return str(error)
"""


def test_a_lambda_has_exactly_the_permissions_of_its_role(emulator: Emulator, bucket: str) -> None:
    client, name, role = emulator.client("lambda"), unique("lister"), unique("lister")
    client.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=emulator.create_role(role, "lambda.amazonaws.com"),
        Handler="index.handler",
        Code={"ZipFile": zipped({"index.py": LISTER})},
        Timeout=30,
    )

    def answer() -> Any:
        return json.loads(
            client.invoke(FunctionName=name, Payload=json.dumps({"bucket": bucket}))["Payload"].read()
        )

    assert f"assumed-role/{role}/{name} is not authorized to perform: s3:ListBucket" in answer()
    emulator.grant(role, {"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"})
    assert answer() == 0
