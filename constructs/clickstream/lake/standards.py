"""Why the event lake does not do all that the general standards ask of a bucket."""

from __future__ import annotations

from aws_cdk import aws_s3 as s3

from clickstream.standards import acknowledge_standards


def answer_standards(bucket: s3.Bucket, access_logs: s3.Bucket, *, customer_key: bool) -> None:
    """Record the reasons on the two buckets.

    Args:
        bucket: holds the events.
        access_logs: holds who asked for them.
        customer_key: whether the events are encrypted with a customer key.
    """
    acknowledge_standards(
        bucket,
        {
            "S3BucketReplicationEnabled": "The rule guards against the loss of a region. The events are rows of "
            "Snowflake besides, and versions keep what is overwritten or deleted. A second region would double "
            "the cost and the places to guard, and data about people may have to stay where it is.",
        },
    )
    if not customer_key:
        acknowledge_standards(
            bucket,
            {
                "S3DefaultEncryptionKMS": "Encrypted with S3's own keys, and read by whom IAM lets read. A customer "
                'key is one line of config, storage.encryption = "kms", for those who must own it.',
            },
        )
    acknowledge_standards(
        access_logs,
        {
            "S3BucketReplicationEnabled": "It holds who asked for which file, for inquiries, and is deleted in time: "
            "no event is lost with it, and no process reads it.",
            "S3DefaultEncryptionKMS": "S3 delivers access logs only into buckets that are encrypted with S3's own "
            "keys: https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html",
        },
    )
