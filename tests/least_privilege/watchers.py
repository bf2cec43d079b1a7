"""Functions that monitor the pipeline."""

from __future__ import annotations

from tests.least_privilege.attempt import Identity, may, may_not
from tests.least_privilege.calls import last_report, log, measure, read_stream

MONITOR = Identity(
    "role of the monitor Lambda",
    "queries Snowflake for the state of loading and publishes it as metrics",
    "MonitorScheduledRole",
    (
        may(
            "secretsmanager:GetSecretValue",
            "its own Snowflake login",
            lambda aws, at: aws("secretsmanager").get_secret_value(SecretId=at.monitor_secret),
        ),
        may(
            "cloudwatch:PutMetricData",
            "in the namespace Clickstream",
            lambda aws, at: measure(aws, "Clickstream"),
        ),
        may("cloudwatch:GetMetricData", "any metric", lambda aws, at: last_report(aws)),
        may(
            "s3:ListBucket",
            "the events in the lake",
            lambda aws, at: aws("s3").list_objects_v2(Bucket=at.lake, Prefix="events/dt="),
        ),
        may("logs:PutLogEvents", "its own log group", lambda aws, at: log(aws, at.monitor_log)),
        may_not(
            "cloudwatch:PutMetricData",
            "in another namespace",
            lambda aws, at: measure(aws, "Clickstream/Other"),
        ),
        may_not(
            "cloudwatch:DisableAlarmActions",
            "of an alarm",
            lambda aws, at: aws("cloudwatch").disable_alarm_actions(AlarmNames=["any"]),
        ),
        may_not(
            "secretsmanager:GetSecretValue",
            "the login of deployments",
            lambda aws, at: aws("secretsmanager").get_secret_value(SecretId=at.login_secret),
        ),
        may_not(
            "secretsmanager:GetSecretValue",
            "the Snowpipe user's secret",
            lambda aws, at: aws("secretsmanager").get_secret_value(SecretId=at.credentials_secret),
        ),
        may_not(
            "s3:ListBucket",
            "the rejects in the lake",
            lambda aws, at: aws("s3").list_objects_v2(Bucket=at.lake, Prefix="rejects/"),
        ),
        may_not(
            "s3:GetObject",
            "an event file",
            lambda aws, at: aws("s3").get_object(Bucket=at.lake, Key=at.event),
        ),
        may_not(
            "kinesis:PutRecord",
            "the events' stream",
            lambda aws, at: aws("kinesis").put_record(StreamARN=at.stream, Data=b"x", PartitionKey="x"),
        ),
        may_not("logs:PutLogEvents", "another log group", lambda aws, at: log(aws, at.other_log)),
    ),
)

CANARY = Identity(
    "role of the canary Lambda",
    "sends a canary event through the stream each minute",
    "CanaryScheduledRole",
    (
        may(
            "kinesis:PutRecord",
            "the events' stream",
            lambda aws, at: aws("kinesis").put_record(StreamARN=at.stream, Data=b"{}", PartitionKey="x"),
        ),
        may("logs:PutLogEvents", "its own log group", lambda aws, at: log(aws, at.canary_log)),
        may_not(
            "kinesis:PutRecord",
            "another stream",
            lambda aws, at: aws("kinesis").put_record(StreamARN=at.other_stream, Data=b"x", PartitionKey="x"),
        ),
        may_not(
            "kinesis:GetShardIterator", "the events' stream", lambda aws, at: read_stream(aws, at.stream)
        ),
        may_not(
            "firehose:PutRecord",
            "the delivery stream behind it",
            lambda aws, at: aws("firehose").put_record(
                DeliveryStreamName=at.delivery_stream, Record={"Data": b"x"}
            ),
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
        may_not(
            "cloudwatch:PutMetricData",
            "in the namespace Clickstream",
            lambda aws, at: measure(aws, "Clickstream"),
        ),
        may_not("logs:PutLogEvents", "another log group", lambda aws, at: log(aws, at.other_log)),
    ),
)
