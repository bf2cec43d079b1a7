"""Identities that read the lake for Snowpipe: an IAM user, or a role that Snowflake assumes, with one policy."""

from __future__ import annotations

from tests.least_privilege.attempt import Attempt, Identity, may, may_not

_READ: tuple[Attempt, ...] = (
    may("s3:GetObject", "an event file", lambda aws, at: aws("s3").get_object(Bucket=at.lake, Key=at.event)),
    may(
        "s3:ListBucket",
        "the events in the lake",
        lambda aws, at: aws("s3").list_objects_v2(Bucket=at.lake, Prefix="events/"),
    ),
    may("s3:GetBucketLocation", "the lake", lambda aws, at: aws("s3").get_bucket_location(Bucket=at.lake)),
    may_not(
        "kms:Decrypt",
        "data encrypted with the lake's key, but through S3",
        lambda aws, at: aws("kms").decrypt(KeyId=at.lake_key, CiphertextBlob=at.lake_ciphertext),
    ),
    may_not(
        "s3:GetObject",
        "a file of delivery failures",
        lambda aws, at: aws("s3").get_object(Bucket=at.lake, Key=at.failure),
    ),
    may_not(
        "s3:ListBucket",
        "the delivery failures",
        lambda aws, at: aws("s3").list_objects_v2(Bucket=at.lake, Prefix="errors/"),
    ),
    may_not(
        "s3:ListBucket",
        "the whole lake",
        lambda aws, at: aws("s3").list_objects_v2(Bucket=at.lake),
    ),
    may_not(
        "s3:GetObject",
        "a file in a folder whose name only starts like that of the events",
        lambda aws, at: aws("s3").get_object(Bucket=at.lake, Key="events-archive/file"),
    ),
    may_not(
        "s3:PutObject",
        "among the event files",
        lambda aws, at: aws("s3").put_object(Bucket=at.lake, Key="events/forged.json.gz", Body=b""),
    ),
    may_not(
        "s3:DeleteObject",
        "an event file",
        lambda aws, at: aws("s3").delete_object(Bucket=at.lake, Key=at.event),
    ),
    may_not(
        "s3:PutBucketPolicy",
        "of the lake",
        lambda aws, at: aws("s3").put_bucket_policy(Bucket=at.lake, Policy="{}"),
    ),
    may_not(
        "s3:PutBucketNotification",
        "of the lake",
        lambda aws, at: aws("s3").put_bucket_notification_configuration(
            Bucket=at.lake, NotificationConfiguration={}
        ),
    ),
    may_not(
        "s3:ListBucket",
        "the access logs",
        lambda aws, at: aws("s3").list_objects_v2(Bucket=at.access_logs, Prefix="events/"),
    ),
    may_not(
        "s3:GetObject",
        "another bucket",
        lambda aws, at: aws("s3").get_object(Bucket=at.other_bucket, Key=at.event),
    ),
    may_not("s3:ListAllMyBuckets", "of the account", lambda aws, at: aws("s3").list_buckets()),
    may_not(
        "kms:GenerateDataKey",
        "with the lake's key",
        lambda aws, at: aws("kms").generate_data_key(KeyId=at.lake_key, KeySpec="AES_256"),
    ),
    may_not(
        "kms:Decrypt",
        "with another key",
        lambda aws, at: aws("kms").decrypt(KeyId=at.other_key, CiphertextBlob=at.other_ciphertext),
    ),
    may_not(
        "secretsmanager:GetSecretValue",
        "the Snowpipe user's secret",
        lambda aws, at: aws("secretsmanager").get_secret_value(SecretId=at.credentials_secret),
    ),
    may_not(
        "kinesis:PutRecord",
        "the events' stream",
        lambda aws, at: aws("kinesis").put_record(StreamARN=at.stream, Data=b"x", PartitionKey="x"),
    ),
    may_not(
        "iam:CreateAccessKey",
        "for the Snowpipe user",
        lambda aws, at: aws("iam").create_access_key(UserName=at.user),
    ),
)

USER = Identity(
    "Snowpipe user",
    "reads event files with an access key that Snowflake's stage holds",
    "SnowpipeUser",
    _READ,
)
ROLE = Identity(
    "Snowpipe role",
    "assumed by Snowflake to read event files, with a storage integration",
    "LakeIntegrationRole",
    _READ,
)
