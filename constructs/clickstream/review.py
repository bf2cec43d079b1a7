"""Acknowledged findings of the security review (cdk-nag's AwsSolutions), each next to its cause."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import IConstruct


def acknowledge(construct: IConstruct, *findings: str, reason: str) -> None:
    """Record why findings on one construct (and its children) are acceptable.

    Args:
        construct: the smallest node that has the findings.
        findings: the rule with its finding, as the review reports it, e.g. `AwsSolutions-IAM5[Resource::…]`.
        reason: the risk, and why it does not apply or what mitigates it.
    """
    cdk.Validations.of(construct).acknowledge(
        *(cdk.Acknowledgment(id=finding, reason=reason) for finding in findings)
    )


def object_findings(scope: IConstruct, bucket: s3.IBucket, folders: Sequence[str]) -> list[str]:
    """The review's names of wildcards over the objects of a bucket's folders, seen from `scope`'s stack.

    A bucket of another stack is named by its export, one of the same stack by its logical id, an imported one by its
    own ARN.

    Args:
        scope: the construct whose policy has the wildcards.
        bucket: the bucket.
        folders: beginnings of keys, e.g. `events/`.
    """
    consumer, producer = cdk.Stack.of(scope), cdk.Stack.of(bucket)
    if not isinstance(bucket, s3.Bucket):
        return [resource_finding(scope, bucket.arn_for_objects(f"{folder}*")) for folder in folders]
    if consumer is producer:
        logical_id, attribute = consumer.resolve(bucket.bucket_arn)["Fn::GetAtt"]
        name = f"<{logical_id}.{attribute}>"
    else:
        name = consumer.resolve(producer.export_value(bucket.bucket_arn))["Fn::ImportValue"]
    return [f"AwsSolutions-IAM5[Resource::{name}/{folder}*]" for folder in folders]


def resource_finding(scope: IConstruct, arn: str) -> str:
    """The review's name of a wildcard in an ARN that consists of literals and AWS's pseudo parameters.

    Args:
        scope: the construct whose policy has the wildcard.
        arn: the resource, as the policy has it.
    """
    resolved = cdk.Stack.of(scope).resolve(arn)
    parts = [resolved] if isinstance(resolved, str) else resolved["Fn::Join"][1]
    name = "".join(part if isinstance(part, str) else f"<{part['Ref']}>" for part in parts)
    return f"AwsSolutions-IAM5[Resource::{name}]"
