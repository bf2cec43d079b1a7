"""The policy for reading the event lake on behalf of Snowpipe."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from constructs import Construct

from clickstream.lake.lake import Lake
from clickstream.review import acknowledge, object_findings


class LakeReadPolicy(Construct):
    """The rights that Snowflake documents for loading, cut to the lake's data prefixes.

    Args:
        scope: the parent.
        construct_id: its name there.
        lake: the lake whose events may be read.
        path: the policy's path.

    https://docs.snowflake.com/en/user-guide/data-load-s3-config-aws-iam-user
    """

    def __init__(self, scope: Construct, construct_id: str, *, lake: Lake, path: str | None = None) -> None:
        super().__init__(scope, construct_id)
        self._policy = iam.ManagedPolicy(
            self,
            "Resource",
            path=path,
            description="Snowpipe reads click events",
            statements=_statements(lake),
        )
        acknowledge(
            self._policy,
            *object_findings(self, lake.bucket, lake.data_prefixes),
            reason="File names are not known in advance; each wildcard is bound to one folder of one bucket and to "
            "reading, and gives no access to the folder of failures.",
        )

    @property
    def policy(self) -> iam.IManagedPolicy:
        """The policy, to attach to a group or role."""
        return self._policy


def _statements(lake: Lake) -> list[iam.PolicyStatement]:
    bucket = lake.bucket
    statements = [
        iam.PolicyStatement(
            sid="ReadEvents",
            actions=["s3:GetObject", "s3:GetObjectVersion"],
            resources=[bucket.arn_for_objects(f"{prefix}*") for prefix in lake.data_prefixes],
        ),
        iam.PolicyStatement(
            sid="ListEvents",
            actions=["s3:ListBucket"],
            resources=[bucket.bucket_arn],
            conditions={
                "StringLike": {
                    "s3:prefix": [text for prefix in lake.data_prefixes for text in (prefix, f"{prefix}*")]
                }
            },
        ),
        # Separate from listing: a request for the location has no s3:prefix, so a condition would deny it.
        iam.PolicyStatement(
            sid="LocateBucket", actions=["s3:GetBucketLocation"], resources=[bucket.bucket_arn]
        ),
    ]
    if lake.encryption_key:
        statements.append(
            iam.PolicyStatement(
                sid="DecryptEvents", actions=["kms:Decrypt"], resources=[lake.encryption_key.key_arn]
            )
        )
    return statements
