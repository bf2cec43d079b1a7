"""The bucket that stores all raw events."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from clickstream.lake.lake import Lake
from clickstream.log_groups import log_to, private_log_group

# The id that aws-cdk-lib gives the function that empties buckets, one in each stack.
_EMPTIER = "Custom::S3AutoDeleteObjectsCustomResourceProvider"


class EventLake(Lake):
    """Keeps every delivered event as a replayable file, private, encrypted, versioned and access-logged.

    Args:
        scope: the parent.
        construct_id: its name there.
        bucket_name: the bucket's name; by default CloudFormation makes a unique one.
        data_prefixes: folders of the events, one for each kind, ending in a slash.
        error_prefix: folder of the delivery failures, ending in a slash and outside all of them.
        reject_prefix: folder of the events that an event gate rejected, likewise.
        customer_key: encrypt with a customer key made for the lake instead of S3's.
        encryption_key: encrypt with this key; its policy must delegate access to IAM.
        access_log_bucket: the bucket for access logs, under `event-lake/`; by default one is created.
        infrequent_access_after: when events move to cheaper storage (S3 allows 30 days or more); by default never.
        expire_events_after: when events are deleted; by default never.
        expire_errors_after: when delivery failures and rejects are deleted.
        expire_access_logs_after: when access logs are deleted from the bucket created for them.
        removal_policy: what happens to buckets and key when their stack is deleted; by default they are kept, unless
            their first creation fails, and versions cannot be deleted. DESTROY also empties them.

    Raises:
        ValueError: a prefix does not end in a slash, or one is inside another.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket_name: str | None = None,
        data_prefixes: Sequence[str] = ("events/",),
        error_prefix: str = "errors/",
        reject_prefix: str = "rejects/",
        customer_key: bool = False,
        encryption_key: kms.IKey | None = None,
        access_log_bucket: s3.IBucket | None = None,
        infrequent_access_after: cdk.Duration | None = None,
        expire_events_after: cdk.Duration | None = None,
        expire_errors_after: cdk.Duration | None = None,
        expire_access_logs_after: cdk.Duration | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            data_prefixes=data_prefixes,
            error_prefix=error_prefix,
            reject_prefix=reject_prefix,
        )
        # A bucket without ACLs accepts logs by its policy alone; without this flag the library would not add it.
        self.node.set_context("@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy", True)
        key = encryption_key or (self._build_key(removal_policy) if customer_key else None)
        self._bucket = self.bucket = s3.Bucket(
            self,
            "Bucket",
            bucket_name=bucket_name,
            versioned=True,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            encryption=s3.BucketEncryption.KMS if key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=key,
            bucket_key_enabled=True if key else None,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            server_access_logs_bucket=(
                access_log_bucket or self._build_access_logs(removal_policy, expire_access_logs_after)
            ),
            server_access_logs_prefix="event-lake/",
            removal_policy=removal_policy,
            auto_delete_objects=removal_policy is cdk.RemovalPolicy.DESTROY,
        )
        if removal_policy is cdk.RemovalPolicy.DESTROY:
            emptier = cdk.Stack.of(self).node.find_child(_EMPTIER).node.find_child("Handler")
            log_to(private_log_group(self, "EmptierLogs", logs.RetentionDays.ONE_MONTH), emptier)
        else:
            self._keep_versions()
        self._add_lifecycle(infrequent_access_after, expire_events_after, expire_errors_after)

    def _keep_versions(self) -> None:
        """Deny everyone to delete an event for good; the policy does not concern lifecycle rules.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html
        """
        self._bucket.add_to_resource_policy(
            iam.PolicyStatement(
                sid="KeepVersions",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["s3:DeleteObjectVersion"],
                resources=[self._bucket.arn_for_objects("*")],
            )
        )

    def _build_key(self, removal_policy: cdk.RemovalPolicy) -> kms.Key:
        """A key that identities of this account use if IAM lets them, and through S3 only.

        https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
        """
        key = kms.Key(
            self,
            "Key",
            description="Click events at rest",
            enable_key_rotation=True,
            removal_policy=removal_policy,
        )
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="ThroughS3Only",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=[
                    "kms:Decrypt",
                    "kms:Encrypt",
                    "kms:GenerateDataKey*",
                    "kms:ReEncrypt*",
                    "kms:CreateGrant",
                ],
                resources=["*"],
                conditions={
                    "StringNotEquals": {"kms:ViaService": f"s3.{cdk.Stack.of(self).region}.amazonaws.com"}
                },
            )
        )
        return key

    def _build_access_logs(
        self, removal_policy: cdk.RemovalPolicy, expire_after: cdk.Duration | None
    ) -> s3.Bucket:
        # Log delivery cannot write under a customer key, so this bucket is encrypted with S3's.
        return s3.Bucket(
            self,
            "AccessLogs",
            # An overwritten or deleted log stays available for a while, for investigations.
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
            for name, prefix in (("Errors", self.error_prefix), ("Rejects", self.reject_prefix)):
                self._bucket.add_lifecycle_rule(id=f"Expire{name}", prefix=prefix, expiration=expire_errors)
