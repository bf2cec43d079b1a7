"""The bucket that raw click events land in, and stay in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Unpack

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from clickstream.metric_source import MINUTE, MetricOptions


class EventLake(Construct):
    """Keeps every delivered event as a replayable file, private, encrypted, versioned and access-logged.

    Each kind of event has a data prefix of its own; what could not be delivered lives under their sibling
    `error_prefix`, which no reader of events is ever given.

    Args:
        scope: the parent.
        construct_id: its name there.
        bucket_name: the bucket's name; by default CloudFormation makes a unique one.
        data_prefixes: folders of the events, one for each kind, ending in a slash.
        error_prefix: folder of the delivery failures, ending in a slash and outside all of them.
        customer_key: encrypt with a customer key of the lake's own instead of S3's.
        infrequent_access_after: when events move to cheaper storage (S3 allows 30 days or more); by default never.
        expire_events_after: when events are deleted; by default never.
        expire_errors_after: when delivery failures are deleted.
        expire_access_logs_after: when access logs are deleted.
        removal_policy: what becomes of buckets and key when their stack goes; by default they are kept, unless their
            first creation fails. DESTROY also empties them.

    Raises:
        ValueError: a prefix does not end in a slash, or one lies under the other.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket_name: str | None = None,
        data_prefixes: Sequence[str] = ("events/",),
        error_prefix: str = "errors/",
        customer_key: bool = False,
        infrequent_access_after: cdk.Duration | None = None,
        expire_events_after: cdk.Duration | None = None,
        expire_errors_after: cdk.Duration | None = None,
        expire_access_logs_after: cdk.Duration | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    ) -> None:
        _check_prefixes([*data_prefixes, error_prefix])
        super().__init__(scope, construct_id)
        self.data_prefixes = tuple(data_prefixes)
        self.error_prefix = error_prefix
        self._key = self._build_key(removal_policy) if customer_key else None
        self._access_logs = self._build_access_logs(removal_policy, expire_access_logs_after)
        self._bucket = s3.Bucket(
            self,
            "Bucket",
            bucket_name=bucket_name,
            versioned=True,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            encryption=s3.BucketEncryption.KMS if self._key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=self._key,
            bucket_key_enabled=True if self._key else None,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            server_access_logs_bucket=self._access_logs,
            server_access_logs_prefix="event-lake/",
            removal_policy=removal_policy,
            auto_delete_objects=removal_policy is cdk.RemovalPolicy.DESTROY,
        )
        self._add_lifecycle(infrequent_access_after, expire_events_after, expire_errors_after)
        self._measured: set[str] = set()

    @property
    def bucket(self) -> s3.IBucket:
        """The bucket, for wiring; change it only from inside this construct."""
        return self._bucket

    @property
    def encryption_key(self) -> kms.IKey | None:
        """The customer key that events are encrypted with, where there is one."""
        return self._key

    def metric_puts(self, prefix: str, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Files written under `prefix`, counted from when somebody first asks: S3 measures requests only on demand.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-configurations.html
        """
        name = prefix.strip("/").replace("/", "-").replace("=", "-")
        if prefix not in self._measured:
            self._bucket.add_metric(id=name, prefix=prefix)
            self._measured.add(prefix)
        options.setdefault("period", MINUTE)
        return self._metric("PutRequests", "Sum", {"FilterId": name}, options)

    def metric_size(
        self, storage_type: str = "StandardStorage", **options: Unpack[MetricOptions]
    ) -> cloudwatch.Metric:
        """Bytes kept in one class of storage, measured by S3 once a day."""
        options.setdefault("period", cdk.Duration.days(1))
        return self._metric("BucketSizeBytes", "Average", {"StorageType": storage_type}, options)

    def _metric(
        self, name: str, statistic: str, dimensions: Mapping[str, str], options: MetricOptions
    ) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/S3",
            metric_name=name,
            dimensions_map={"BucketName": self._bucket.bucket_name, **dimensions},
            statistic=statistic,
            **options,
        )

    def _build_key(self, removal_policy: cdk.RemovalPolicy) -> kms.Key:
        return kms.Key(
            self,
            "Key",
            description="Click events at rest",
            enable_key_rotation=True,
            removal_policy=removal_policy,
        )

    def _build_access_logs(
        self, removal_policy: cdk.RemovalPolicy, expire_after: cdk.Duration | None
    ) -> s3.Bucket:
        # Log delivery cannot write under a customer key, so this bucket is encrypted with S3's.
        return s3.Bucket(
            self,
            "AccessLogs",
            # An overwritten or deleted log is there for a while, for whoever looks into it.
            versioned=True,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="ExpireAccessLogs",
                    expiration=expire_after,
                    noncurrent_version_expiration=cdk.Duration.days(30),
                )
            ],
            removal_policy=removal_policy,
            auto_delete_objects=removal_policy is cdk.RemovalPolicy.DESTROY,
        )

    def _add_lifecycle(
        self, cold: cdk.Duration | None, expire: cdk.Duration | None, expire_errors: cdk.Duration | None
    ) -> None:
        self._bucket.add_lifecycle_rule(
            id="AbortUnfinishedUploads", abort_incomplete_multipart_upload_after=cdk.Duration.days(7)
        )
        self._bucket.add_lifecycle_rule(
            id="ExpireOverwrittenVersions",
            noncurrent_version_expiration=cdk.Duration.days(30),
            expired_object_delete_marker=True,
        )
        for number, prefix in enumerate(self.data_prefixes):
            suffix = str(number) if number else ""
            if cold:
                transition = s3.Transition(
                    storage_class=s3.StorageClass.INFREQUENT_ACCESS, transition_after=cold
                )
                self._bucket.add_lifecycle_rule(
                    id=f"CoolEvents{suffix}", prefix=prefix, transitions=[transition]
                )
            if expire:
                self._bucket.add_lifecycle_rule(id=f"ExpireEvents{suffix}", prefix=prefix, expiration=expire)
        if expire_errors:
            self._bucket.add_lifecycle_rule(
                id="ExpireErrors", prefix=self.error_prefix, expiration=expire_errors
            )


def _check_prefixes(prefixes: Sequence[str]) -> None:
    for prefix in prefixes:
        if not prefix.endswith("/") or prefix.startswith("/"):
            raise ValueError(f"a prefix must end with '/' and not begin with one, got {prefix!r}")
    for one, other in combinations(prefixes, 2):
        if one.startswith(other) or other.startswith(one):
            raise ValueError(f"prefixes must be siblings, got {one!r} and {other!r}")
