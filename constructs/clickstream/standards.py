"""What the general standards ask of every account, and why this pipeline answers otherwise.

The review knows NIST 800-53 R5, HIPAA Security, PCI DSS 3.2.1 and its own Serverless rules. A reason that holds for
many resources is here once; one that belongs to a single resource stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

_NIST, _HIPAA, _PCI, _SERVERLESS = "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321", "Serverless"
_ALL = (_NIST, _HIPAA, _PCI)
# Which of them have the rule: a test finds an acknowledgment that none asks for.
_ASKED_BY = {
    "CloudWatchLogGroupEncrypted": _ALL,
    "EventBusDLQ": (_SERVERLESS,),
    "IAMNoInlinePolicy": _ALL,
    "LambdaAsyncFailureDestination": (_SERVERLESS,),
    "LambdaConcurrency": (_NIST, _HIPAA),
    "LambdaDLQ": (_NIST, _HIPAA, _SERVERLESS),
    "LambdaDefaultMemorySize": (_SERVERLESS,),
    "LambdaInsideVPC": _ALL,
    "LambdaTracing": (_SERVERLESS,),
    "S3BucketReplicationEnabled": _ALL,
    "S3DefaultEncryptionKMS": _ALL,
    "SNSRedrivePolicy": (_SERVERLESS,),
    "SecretsManagerRotationEnabled": (_NIST, _HIPAA),
    "SecretsManagerUsingKMSKey": _ALL,
    "VPCDefaultSecurityGroupClosed": _ALL,
    "VPCNoUnrestrictedRouteToIGW": _ALL,
    "VPCSubnetAutoAssignPublicIpDisabled": _ALL,
}


def acknowledge_standards(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Record why rules do not bind a construct, for each of the standards that has the rule.

    Args:
        construct: the smallest node that has the findings.
        reasons: the rule's name, e.g. `LambdaDLQ` → what the risk is, and why it does not apply or what covers it.
    """
    cdk.Validations.of(construct).acknowledge(
        *(
            cdk.Acknowledgment(id=f"{standard}-{rule}", reason=reason)
            for rule, reason in reasons.items()
            for standard in _ASKED_BY[rule]
        )
    )


def acknowledge_own_policy(owner: IConstruct) -> None:
    """Record why a role has its rights in a policy of its own.

    Args:
        owner: the role, or what holds its policy.
    """
    acknowledge_standards(
        owner,
        {
            "IAMNoInlinePolicy": "The rule fears rights that nobody sees in a list of policies. These are one role's, "
            "cut to its job and deleted with it; as a managed policy they could be attached to others (docs/adr/0006).",
        },
    )


def acknowledge_function(function: IConstruct, *, failures: str) -> None:
    """Record why a Lambda runs without a network, a share of concurrency, a dead-letter queue and traces of its own.

    Args:
        function: the Lambda.
        failures: who hears of a failed run, in place of a dead-letter queue.
    """
    acknowledge_standards(
        function,
        {
            "LambdaConcurrency": "The rule keeps a function from taking all of the account's concurrency. Nobody "
            "outside can invoke this one, and its callers do so once at a time; a reserved share would be taken from "
            "the account's other functions, and new accounts have too few to reserve any.",
            "LambdaDLQ": failures,
            "LambdaInsideVPC": "It listens to nothing, and calls Snowflake and AWS over TLS, where each call is "
            "authenticated. In a VPC it would need a NAT for the same calls and be guarded by the same credentials.",
            "LambdaTracing": "A run makes a handful of calls, which its log and metrics name with their times. "
            "Tracing would need the right to write traces anywhere (xray:PutTraceSegments knows no resource).",
        },
    )


def private_log_group(scope: Construct, construct_id: str, retention: logs.RetentionDays) -> logs.LogGroup:
    """A log group that goes with its stack, encrypted by CloudWatch Logs.

    Args:
        scope: the parent.
        construct_id: its name there.
        retention: how long lines are kept.
    """
    log_group = logs.LogGroup(
        scope, construct_id, retention=retention, removal_policy=cdk.RemovalPolicy.DESTROY
    )
    acknowledge_standards(
        log_group,
        {
            "CloudWatchLogGroupEncrypted": "CloudWatch Logs encrypts every line at rest with keys of its own. A "
            "customer key would guard counts, names of objects and error texts, which is all that is written here: no "
            "credentials, and no events beside what an error quotes.",
        },
    )
    return log_group


def function_role(
    scope: Construct,
    construct_id: str,
    log_group: logs.ILogGroup,
    *,
    role_name: str | None = None,
    description: str | None = None,
) -> iam.Role:
    """A Lambda's role that may write to its own log group; the managed policy may write to every one.

    Args:
        scope: the parent.
        construct_id: its name there.
        log_group: where the Lambda writes.
        role_name: its name; by default CloudFormation makes one up.
        description: what the Lambda is for.
    """
    role = iam.Role(
        scope,
        construct_id,
        role_name=role_name,
        description=description,
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
    )
    log_group.grant_write(role)
    acknowledge_own_policy(role)
    return role
