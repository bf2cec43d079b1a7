"""Firehose and the event gate, which write the lake."""

from __future__ import annotations

from tests.least_privilege.attempt import Identity, may, may_not
from tests.least_privilege.calls import log, read_stream, upload_in_parts

DELIVERY = Identity(
    "Firehose's role",
    "reads events from the Data Stream and writes them, and failed records, into the lake",
    "ClicksDeliveryRole",
    (
        may(
            "s3:PutObject",
            "among the event files",
            lambda aws, at: aws("s3").put_object(Bucket=at.lake, Key="events/x/least-privilege", Body=b""),
        ),
        may(
            "s3:PutObject",
            "among the delivery failures",
            lambda aws, at: aws("s3").put_object(
                Bucket=at.lake, Key="errors/clicks/least-privilege", Body=b""
            ),
        ),
        may(
            "s3:AbortMultipartUpload",
            "of an event file",
            lambda aws, at: upload_in_parts(aws, at.lake, "events/x/least-privilege"),
        ),
        may(
            "s3:GetBucketLocation", "the lake", lambda aws, at: aws("s3").get_bucket_location(Bucket=at.lake)
        ),
        may_not(
            "kms:GenerateDataKey",
            "with the lake's key, but through S3",
            lambda aws, at: aws("kms").generate_data_key(KeyId=at.lake_key, KeySpec="AES_256"),
        ),
        may("kinesis:GetRecords", "the events' stream", lambda aws, at: read_stream(aws, at.stream)),
        may("logs:PutLogEvents", "its own log group", lambda aws, at: log(aws, at.delivery_log)),
        may(
            "lambda:InvokeFunction",
            "the event gate",
            lambda aws, at: aws("lambda").invoke(FunctionName=at.gate_function, Payload=b'{"records": []}'),
        ),
        may_not(
            "s3:DeleteObject",
            "an event file",
            lambda aws, at: aws("s3").delete_object(Bucket=at.lake, Key=at.event),
        ),
        may_not(
            "s3:DeleteObjectVersion",
            "an event file",
            lambda aws, at: aws("s3").delete_object(Bucket=at.lake, Key=at.event, VersionId="any"),
        ),
        may_not(
            "s3:PutObject",
            "among the delivery failures of other events",
            lambda aws, at: aws("s3").put_object(Bucket=at.lake, Key="errors/orders/x", Body=b""),
        ),
        may_not(
            "s3:PutObject",
            "elsewhere in the lake",
            lambda aws, at: aws("s3").put_object(Bucket=at.lake, Key="events-archive/x", Body=b""),
        ),
        may_not(
            "s3:PutObject",
            "another bucket",
            lambda aws, at: aws("s3").put_object(Bucket=at.other_bucket, Key="events/x", Body=b""),
        ),
        may_not(
            "s3:PutObject",
            "the access logs",
            lambda aws, at: aws("s3").put_object(Bucket=at.access_logs, Key="events/x", Body=b""),
        ),
        may_not(
            "s3:PutObjectAcl",
            "of an event file",
            lambda aws, at: aws("s3").put_object_acl(Bucket=at.lake, Key=at.event, ACL="public-read"),
        ),
        may_not(
            "s3:PutLifecycleConfiguration",
            "of the lake",
            lambda aws, at: aws("s3").put_bucket_lifecycle_configuration(
                Bucket=at.lake, LifecycleConfiguration={"Rules": []}
            ),
        ),
        may_not(
            "kms:GenerateDataKey",
            "with another key",
            lambda aws, at: aws("kms").generate_data_key(KeyId=at.other_key, KeySpec="AES_256"),
        ),
        may_not(
            "kms:ScheduleKeyDeletion",
            "of the lake's key",
            lambda aws, at: aws("kms").schedule_key_deletion(KeyId=at.lake_key, PendingWindowInDays=30),
        ),
        may_not(
            "kinesis:GetShardIterator", "another stream", lambda aws, at: read_stream(aws, at.other_stream)
        ),
        may_not(
            "kinesis:PutRecord",
            "the events' stream",
            lambda aws, at: aws("kinesis").put_record(StreamARN=at.stream, Data=b"x", PartitionKey="x"),
        ),
        may_not(
            "firehose:PutRecord",
            "its own delivery stream",
            lambda aws, at: aws("firehose").put_record(
                DeliveryStreamName=at.delivery_stream, Record={"Data": b"x"}
            ),
        ),
        may_not("logs:PutLogEvents", "another log group", lambda aws, at: log(aws, at.other_log)),
        may_not(
            "lambda:InvokeFunction",
            "another function",
            lambda aws, at: aws("lambda").invoke(FunctionName=at.setup_function),
        ),
        may_not(
            "s3:PutObject",
            "among the rejects",
            lambda aws, at: aws("s3").put_object(Bucket=at.lake, Key="rejects/clicks/x", Body=b""),
        ),
        may_not(
            "secretsmanager:GetSecretValue",
            "the Snowpipe user's secret",
            lambda aws, at: aws("secretsmanager").get_secret_value(SecretId=at.credentials_secret),
        ),
    ),
)

GATE = Identity(
    "role of the event gate",
    "writes rejects into the lake",
    "ClicksGateRole",
    (
        may(
            "s3:PutObject",
            "among the rejects",
            lambda aws, at: aws("s3").put_object(
                Bucket=at.lake, Key="rejects/clicks/least-privilege", Body=b""
            ),
        ),
        may_not(
            "kms:GenerateDataKey",
            "with the lake's key, but through S3",
            lambda aws, at: aws("kms").generate_data_key(KeyId=at.lake_key, KeySpec="AES_256"),
        ),
        may("logs:PutLogEvents", "its own log group", lambda aws, at: log(aws, at.gate_log)),
        may_not(
            "s3:PutObject",
            "among the rejects of other events",
            lambda aws, at: aws("s3").put_object(Bucket=at.lake, Key="rejects/orders/x", Body=b""),
        ),
        may_not(
            "s3:PutObject",
            "among the event files",
            lambda aws, at: aws("s3").put_object(Bucket=at.lake, Key="events/x", Body=b""),
        ),
        may_not(
            "s3:GetObject",
            "an event file",
            lambda aws, at: aws("s3").get_object(Bucket=at.lake, Key=at.event),
        ),
        may_not(
            "s3:DeleteObject",
            "a reject",
            lambda aws, at: aws("s3").delete_object(Bucket=at.lake, Key="rejects/clicks/least-privilege"),
        ),
        may_not(
            "kms:Decrypt",
            "data encrypted with the lake's key",
            lambda aws, at: aws("kms").decrypt(CiphertextBlob=at.lake_ciphertext),
        ),
        may_not(
            "firehose:PutRecord",
            "its own delivery stream",
            lambda aws, at: aws("firehose").put_record(
                DeliveryStreamName=at.delivery_stream, Record={"Data": b"x"}
            ),
        ),
        may_not("logs:PutLogEvents", "another log group", lambda aws, at: log(aws, at.other_log)),
        may_not(
            "secretsmanager:GetSecretValue",
            "the Snowpipe user's secret",
            lambda aws, at: aws("secretsmanager").get_secret_value(SecretId=at.credentials_secret),
        ),
    ),
)
