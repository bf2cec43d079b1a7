"""The event lake: no outside access, no accidental loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.infrastructure.synthesis import Pipeline

Variant = Callable[[str], Pipeline]
BOTH_KEYS = {"allow_data_loss": "true"}


def lake(pipeline: Pipeline) -> dict[str, Any]:
    """The lake is the bucket that logs its accesses; the other one stores the logs."""
    (bucket,) = (
        bucket
        for bucket in pipeline.resources("Storage", "AWS::S3::Bucket").values()
        if "LoggingConfiguration" in bucket["Properties"]
    )
    return dict(bucket)


def test_lake_is_versioned_encrypted_private_and_logged(pipeline: Pipeline) -> None:
    properties = lake(pipeline)["Properties"]
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    encryption = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(properties["PublicAccessBlockConfiguration"]) == 4
    assert properties["LoggingConfiguration"]["LogFilePrefix"] == "event-lake/"


def test_every_bucket_refuses_requests_without_tls(pipeline: Pipeline) -> None:
    policies = pipeline.resources("Storage", "AWS::S3::BucketPolicy").values()
    assert len(policies) == len(pipeline.resources("Storage", "AWS::S3::Bucket")) == 2
    for policy in policies:
        denials = [
            statement.get("Condition")
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            if statement["Effect"] == "Deny" and statement["Principal"] == {"AWS": "*"}
        ]
        assert {"Bool": {"aws:SecureTransport": "false"}} in denials


def test_nobody_deletes_a_version_unless_the_deployment_may(
    pipeline: Pipeline, synthesized: Callable[..., Pipeline]
) -> None:
    """Expiry is by lifecycle rules, which no policy concerns; emptying the bucket needs both deletion switches."""

    def denials(pipeline: Pipeline) -> list[dict[str, Any]]:
        return [
            statement
            for policy in pipeline.resources("Storage", "AWS::S3::BucketPolicy").values()
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            if statement["Action"] == "s3:DeleteObjectVersion"
        ]

    (denied,) = denials(pipeline)
    assert (denied["Effect"], denied["Principal"], denied.get("Condition")) == ("Deny", {"AWS": "*"}, None)
    assert denied["Resource"]["Fn::Join"][1][1] == "/*"
    assert denials(synthesized(_context=BOTH_KEYS)) == []


def test_customer_key_is_used_through_s3_only(variant: Variant) -> None:
    policy = variant("customer keys").properties("Storage", "AWS::KMS::Key")["KeyPolicy"]["Statement"]
    administration, denied = policy
    assert (administration["Effect"], administration["Action"]) == ("Allow", "kms:*")
    assert {"kms:Decrypt", "kms:GenerateDataKey*"} <= set(denied["Action"])
    assert (denied["Effect"], denied["Principal"]) == ("Deny", {"AWS": "*"})
    assert denied["Condition"] == {"StringNotEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}


def test_customer_key_is_used_and_rotated_on_request(variant: Variant) -> None:
    pipeline = variant("customer keys")
    encryption = lake(pipeline)["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert pipeline.properties("Storage", "AWS::KMS::Key")["EnableKeyRotation"] is True


def test_lifecycle_follows_the_config(variant: Variant) -> None:
    pipeline = variant("other values")
    rules = {rule["Id"]: rule for rule in lake(pipeline)["Properties"]["LifecycleConfiguration"]["Rules"]}
    assert (rules["CoolEvents"]["Prefix"], rules["CoolEvents"]["Transitions"][0]["TransitionInDays"]) == (
        "clicks/",
        45,
    )
    assert (rules["ExpireEvents"]["Prefix"], rules["ExpireEvents"]["ExpirationInDays"]) == ("clicks/", 90)
    assert (rules["ExpireErrors"]["Prefix"], rules["ExpireErrors"]["ExpirationInDays"]) == ("failed/", 7)


def test_zero_days_means_never(variant: Variant) -> None:
    pipeline = variant("two access modes")
    rules = {rule["Id"] for rule in lake(pipeline)["Properties"]["LifecycleConfiguration"]["Rules"]}
    assert not rules & {"CoolEvents", "ExpireEvents"}


def test_events_are_kept_unless_both_deletion_switches_are_on(
    variant: Variant, synthesized: Callable[..., Pipeline]
) -> None:
    """A failed first creation leaves nothing behind, since there are no events yet."""
    for kept in (variant("customer keys"), variant("prod")):
        resources = kept.resources("Storage", "AWS::S3::Bucket") | kept.resources("Storage", "AWS::KMS::Key")
        for resource in resources.values():
            assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
            assert resource["UpdateReplacePolicy"] == "Retain"
    lost = synthesized(_context=BOTH_KEYS)
    assert lake(lost)["DeletionPolicy"] == "Delete"
    assert len(lost.resources("Storage", "Custom::S3AutoDeleteObjects")) == 2
