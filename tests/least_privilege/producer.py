"""The sample producer's stack."""

from __future__ import annotations

from tests.least_privilege.attempt import Identity, may, may_not
from tests.least_privilege.calls import log, read_stream

MACHINE = Identity(
    "role of the sample producer",
    "an EC2 instance that sends generated events; off by default",
    "SampleProducerMachineRole",
    (
        may(
            "kinesis:PutRecords",
            "the events' stream",
            lambda aws, at: aws("kinesis").put_records(
                StreamARN=at.stream, Records=[{"Data": b"{}", "PartitionKey": "x"}]
            ),
        ),
        may(
            "s3:GetObject",
            "its own code",
            lambda aws, at: aws("s3").get_object(Bucket=at.assets, Key=at.producer_code),
        ),
        may("logs:PutLogEvents", "its own log group", lambda aws, at: log(aws, at.producer_log)),
        may_not(
            "s3:GetObject",
            "other assets staged for deployments",
            lambda aws, at: aws("s3").get_object(Bucket=at.assets, Key=at.other_code),
        ),
        may_not(
            "s3:PutObject",
            "its own code",
            lambda aws, at: aws("s3").put_object(Bucket=at.assets, Key=at.producer_code, Body=b""),
        ),
        may_not(
            "kinesis:GetShardIterator", "the events' stream", lambda aws, at: read_stream(aws, at.stream)
        ),
        may_not(
            "kinesis:PutRecord",
            "another stream",
            lambda aws, at: aws("kinesis").put_record(StreamARN=at.other_stream, Data=b"x", PartitionKey="x"),
        ),
        may_not(
            "s3:GetObject",
            "an event file",
            lambda aws, at: aws("s3").get_object(Bucket=at.lake, Key=at.event),
        ),
        may_not(
            "s3:PutObject",
            "among the event files",
            lambda aws, at: aws("s3").put_object(Bucket=at.lake, Key="events/forged.json.gz", Body=b""),
        ),
        may_not(
            "secretsmanager:GetSecretValue",
            "the Snowflake login",
            lambda aws, at: aws("secretsmanager").get_secret_value(SecretId=at.login_secret),
        ),
        may_not("logs:PutLogEvents", "another log group", lambda aws, at: log(aws, at.other_log)),
    ),
)

FLOWS = Identity(
    "role of its network's flow log",
    "logs the traffic of the sample producer's network",
    "NetworkFlowsRole",
    (
        may("logs:PutLogEvents", "its own log group", lambda aws, at: log(aws, at.flow_log)),
        may_not("logs:PutLogEvents", "another log group", lambda aws, at: log(aws, at.other_log)),
        may_not(
            "s3:PutObject",
            "the lake",
            lambda aws, at: aws("s3").put_object(Bucket=at.lake, Key="events/forged.json.gz", Body=b""),
        ),
    ),
)
