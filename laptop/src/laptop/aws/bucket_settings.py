"""Bucket properties of templates that MiniStack's CloudFormation drops, and a delete that fails as in AWS.

Each property becomes the body of the matching S3 call, serialized by botocore from S3's service model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore.serialize import create_serializer
from ministack.services import s3
from ministack.services.cloudformation import provisioners

from laptop.aws.cloudformation import require_success


@dataclass(frozen=True)
class Setting:
    """One property of AWS::S3::Bucket and the S3 operation that stores it."""

    property_name: str
    operation: str
    member: str
    translate: Callable[[Any], dict[str, Any]]
    put: Callable[[str, bytes], tuple[int, Any, Any]]
    delete: Callable[[str], object]

    def body(self, value: Any) -> bytes:
        """The request body that sets the property to `value`."""
        model = botocore.session.get_session().get_service_model("s3").operation_model(self.operation)
        parameters = {"Bucket": "bucket", self.member: self.translate(value)}
        body: bytes = create_serializer("rest-xml").serialize_to_request(parameters, model)["body"]
        return body

    def store(self, bucket: str, body: bytes) -> None:
        """Set the property.

        Raises:
            ValueError: S3 refused it.
        """
        require_success(self.put(bucket, body), f"{self.property_name} of bucket {bucket}")


def install() -> None:
    """Let CloudFormation store these settings, and refuse to delete a bucket with objects in it."""
    settings = tuple((s.property_name, s.body, s.store, s.delete) for s in _SETTINGS)
    provisioners._S3_BUCKET_CONFIGURATIONS = (*provisioners._S3_BUCKET_CONFIGURATIONS, *settings)
    provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]["delete"] = _delete


def _delete(bucket: str, properties: dict[str, Any]) -> None:
    if bucket in s3._buckets:
        require_success(s3._delete_bucket(bucket), f"deleting bucket {bucket}")


def _encryption(value: dict[str, Any]) -> dict[str, Any]:
    rules = []
    for rule in value["ServerSideEncryptionConfiguration"]:
        translated: dict[str, Any] = {"BucketKeyEnabled": _is_true(rule.get("BucketKeyEnabled"))}
        if "ServerSideEncryptionByDefault" in rule:
            translated["ApplyServerSideEncryptionByDefault"] = rule["ServerSideEncryptionByDefault"]
        rules.append(translated)
    return {"Rules": rules}


def _lifecycle(value: dict[str, Any]) -> dict[str, Any]:
    return {"Rules": [_lifecycle_rule(rule) for rule in value["Rules"]]}


def _lifecycle_rule(rule: dict[str, Any]) -> dict[str, Any]:
    translated: dict[str, Any] = {"Status": rule["Status"], "Filter": {"Prefix": rule.get("Prefix") or ""}}
    if rule.get("Id"):
        translated["ID"] = rule["Id"]
    if "ExpirationInDays" in rule:
        translated["Expiration"] = {"Days": rule["ExpirationInDays"]}
    if "ExpiredObjectDeleteMarker" in rule:
        translated["Expiration"] = {"ExpiredObjectDeleteMarker": _is_true(rule["ExpiredObjectDeleteMarker"])}
    if "Transitions" in rule:
        translated["Transitions"] = [
            {"Days": t["TransitionInDays"], "StorageClass": t["StorageClass"]} for t in rule["Transitions"]
        ]
    if "NoncurrentVersionTransitions" in rule:
        translated["NoncurrentVersionTransitions"] = [
            {"NoncurrentDays": t["TransitionInDays"], "StorageClass": t["StorageClass"]}
            for t in rule["NoncurrentVersionTransitions"]
        ]
    for same in ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if same in rule:
            translated[same] = rule[same]
    return translated


def _logging(value: dict[str, Any]) -> dict[str, Any]:
    target = {
        "TargetBucket": value.get("DestinationBucketName", ""),
        "TargetPrefix": value.get("LogFilePrefix", ""),
    }
    return {"LoggingEnabled": target}


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"


def _suspend_versioning(bucket: str) -> None:
    if bucket in s3._bucket_versioning:
        s3._bucket_versioning[bucket] = "Suspended"


_SETTINGS = (
    Setting(
        "BucketEncryption",
        "PutBucketEncryption",
        "ServerSideEncryptionConfiguration",
        _encryption,
        s3._put_bucket_encryption,
        s3._delete_bucket_encryption,
    ),
    Setting(
        "LifecycleConfiguration",
        "PutBucketLifecycleConfiguration",
        "LifecycleConfiguration",
        _lifecycle,
        s3._put_bucket_lifecycle,
        s3._delete_bucket_lifecycle,
    ),
    Setting(
        "LoggingConfiguration",
        "PutBucketLogging",
        "BucketLoggingStatus",
        _logging,
        s3._put_bucket_logging,
        lambda bucket: s3._bucket_logging_config.pop(bucket, None),
    ),
    Setting(
        "OwnershipControls",
        "PutBucketOwnershipControls",
        "OwnershipControls",
        dict,
        s3._put_bucket_ownership_controls,
        s3._delete_bucket_ownership_controls,
    ),
    Setting(
        "Tags",
        "PutBucketTagging",
        "Tagging",
        lambda tags: {"TagSet": tags},
        s3._put_bucket_tagging,
        s3._delete_bucket_tagging,
    ),
    Setting(
        "VersioningConfiguration",
        "PutBucketVersioning",
        "VersioningConfiguration",
        dict,
        s3._put_bucket_versioning,
        _suspend_versioning,
    ),
)
