"""Acknowledged findings of the security review (cdk-nag), each beside its cause."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import IConstruct


def acknowledge(construct: IConstruct, *, finding: str, reason: str) -> None:
    """Record why one finding on one construct (and what is below it) is acceptable.

    Args:
        construct: the smallest node that has the finding.
        finding: the rule with its finding, as the review reports it, e.g. `AwsSolutions-IAM5[Resource::…]`.
        reason: what the risk is, and why it does not apply or what covers it.
    """
    cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=finding, reason=reason))


def object_finding(scope: IConstruct, bucket: s3.IBucket, objects: str) -> str:
    """How the review names a wildcard over a bucket's objects, seen from `scope`'s stack.

    A bucket of another stack is named by its export, one of the same stack by its logical id.

    Args:
        scope: the construct whose policy has the wildcard.
        bucket: the bucket, not an imported one.
        objects: the key pattern, e.g. `events/*`.
    """
    consumer, producer = cdk.Stack.of(scope), cdk.Stack.of(bucket)
    if consumer.node.addr == producer.node.addr:
        logical_id, attribute = consumer.resolve(bucket.bucket_arn)["Fn::GetAtt"]
        name = f"<{logical_id}.{attribute}>"
    else:
        name = consumer.resolve(producer.export_value(bucket.bucket_arn))["Fn::ImportValue"]
    return f"AwsSolutions-IAM5[Resource::{name}/{objects}]"


def resource_finding(scope: IConstruct, arn: str) -> str:
    """How the review names a wildcard in an ARN that is made of literals and AWS's pseudo parameters.

    Args:
        scope: the construct whose policy has the wildcard.
        arn: the resource, as the policy has it.
    """
    resolved = cdk.Stack.of(scope).resolve(arn)
    parts = [resolved] if isinstance(resolved, str) else resolved["Fn::Join"][1]
    name = "".join(part if isinstance(part, str) else f"<{part['Ref']}>" for part in parts)
    return f"AwsSolutions-IAM5[Resource::{name}]"
