"""Folders of events in a bucket."""

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


class Lake(Construct):
    """A bucket with a folder for each kind of event: `EventLake` creates the bucket, `ExistingLake` uses yours.

    Events that could not be delivered are kept under `error_prefix`, those that an event gate rejected under
    `reject_prefix`; no reader of events is given access to either.

    Args:
        scope: the parent.
        construct_id: its name there.
        data_prefixes: folders of the events, one for each kind, ending in a slash.
        error_prefix: folder of the delivery failures, ending in a slash and outside all of them.
        reject_prefix: folder of the rejects, likewise.

    Raises:
        ValueError: a prefix does not end in a slash, or one is inside another.
    """

    bucket: s3.IBucket
    """The bucket, for wiring; change it only where it is created."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        data_prefixes: Sequence[str],
        error_prefix: str,
        reject_prefix: str,
    ) -> None:
        _check_prefixes([*data_prefixes, error_prefix, reject_prefix])
        super().__init__(scope, construct_id)
        self.data_prefixes = tuple(data_prefixes)
        self.error_prefix = error_prefix
        self.reject_prefix = reject_prefix
        self._measured: set[str] = set()

    @property
    def encryption_key(self) -> kms.IKey | None:
        """The customer key that events are encrypted with, if any."""
        return self.bucket.encryption_key

    def metric_puts(self, prefix: str, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Files written under `prefix`; the first call enables S3's request metrics for it, which are off by default.

        For an imported bucket the owner has to enable them: with a metrics configuration of the id `errors-carts` for a
        prefix `errors/carts/`.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-configurations.html
        """
        name = prefix.strip("/").replace("/", "-").replace("=", "-")
        if isinstance(self.bucket, s3.Bucket) and prefix not in self._measured:
            self.bucket.add_metric(id=name, prefix=prefix)
            self._measured.add(prefix)
        options.setdefault("period", MINUTE)
        return self._metric("PutRequests", "Sum", {"FilterId": name}, options)

    def metric_size(
        self, storage_type: str = "StandardStorage", **options: Unpack[MetricOptions]
    ) -> cloudwatch.Metric:
        """Bytes stored in one storage class, measured by S3 once a day."""
        options.setdefault("period", cdk.Duration.days(1))
        return self._metric("BucketSizeBytes", "Average", {"StorageType": storage_type}, options)

    def _metric(
        self, name: str, statistic: str, dimensions: Mapping[str, str], options: MetricOptions
    ) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/S3",
            metric_name=name,
            dimensions_map={"BucketName": self.bucket.bucket_name, **dimensions},
            statistic=statistic,
            **options,
        )


class ExistingLake(Lake):
    """A bucket managed elsewhere, which remains responsible for its encryption, lifecycle, logs and policy.

    Only `LakeNotifications` may manage its notification configuration.

    Args:
        scope: the parent.
        construct_id: its name there.
        bucket: the bucket; imported with its `encryption_key`, if it has one.
        data_prefixes: folders of the events, as for `Lake`.
        error_prefix: folder of the delivery failures.
        reject_prefix: folder of the rejects.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket: s3.IBucket,
        data_prefixes: Sequence[str] = ("events/",),
        error_prefix: str = "errors/",
        reject_prefix: str = "rejects/",
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            data_prefixes=data_prefixes,
            error_prefix=error_prefix,
            reject_prefix=reject_prefix,
        )
        self.bucket = bucket


def _check_prefixes(prefixes: Sequence[str]) -> None:
    for prefix in prefixes:
        if not prefix.endswith("/") or prefix.startswith("/"):
            raise ValueError(f"a prefix must end with '/' and not begin with one, got {prefix!r}")
    for one, other in combinations(prefixes, 2):
        if one.startswith(other) or other.startswith(one):
            raise ValueError(f"prefixes must be siblings, got {one!r} and {other!r}")
