"""Checks of a resource's properties against the limits of its service."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import iam

Properties = Mapping[str, Any]
Check = Callable[[Properties], None]
"""Raises ValueError if the properties are beyond a limit."""

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
_RETENTION_DAYS = [
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
]
_COOL = ("STANDARD_IA", "ONEZONE_IA")


def length(name: str, most: int) -> Check:
    """The limit of a text's length."""

    def check(properties: Properties) -> None:
        value = properties.get(name)
        if isinstance(value, str) and len(value) > most:
            raise ValueError(f"{name} must have length less than or equal to {most}, has {len(value)}")

    return check


def between(name: str, least: int, most: int) -> Check:
    """The least and the most of a number."""

    def check(properties: Properties) -> None:
        if name in properties and not least <= int(properties[name]) <= most:
            raise ValueError(f"{name} must be between {least} and {most}, got {properties[name]}")

    return check


def matching(name: str, pattern: re.Pattern[str]) -> Check:
    """The form of a text; an empty one is fine."""

    def check(properties: Properties) -> None:
        value = properties.get(name)
        if value and not pattern.fullmatch(value):
            raise ValueError(f"{name} is not valid: {value!r}")

    return check


def count(name: str, most: int) -> Check:
    """The limit of a list's length."""

    def check(properties: Properties) -> None:
        if len(properties.get(name) or ()) > most:
            raise ValueError(f"{name} may have at most {most} members, has {len(properties[name])}")

    return check


def retention(properties: Properties) -> None:
    """The days that a log group can keep its events."""
    days = properties.get("RetentionInDays")
    if days is not None and int(days) not in [*_RETENTION_DAYS, 3288, 3653]:
        raise ValueError(f"RetentionInDays must be one of {_RETENTION_DAYS}, got {days}")


def variables(properties: Properties) -> None:
    """All variables of a function together have at most 4 KB.

    https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    """
    variables = (properties.get("Environment") or {}).get("Variables") or {}
    size = len(json.dumps(variables, separators=(",", ":")).encode())
    if size > 4096:
        raise ValueError(f"the environment variables have {size} bytes, more than the limit of 4096")
    if reserved := [name for name in variables if name in ("AWS_REGION", "AWS_ACCESS_KEY_ID", "_HANDLER")]:
        raise ValueError(f"the environment variable {reserved[0]} is reserved by Lambda")


def function_role(properties: Properties) -> None:
    """The role of a function exists, and trusts Lambda.

    https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
    """
    role = iam._roles.get(str(properties.get("Role")).rpartition("/")[2])
    if role is None or "lambda.amazonaws.com" not in json.dumps(role["AssumeRolePolicyDocument"]):
        raise ValueError("The role defined for the function cannot be assumed by Lambda.")


def policy_size(most: int, *names: str) -> Check:
    """The limit of policy documents, without white space.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """

    def check(properties: Properties) -> None:
        documents = [properties[name] for name in names if name in properties]
        size = sum(len(re.sub(r"\s", "", json.dumps(document))) for document in documents)
        if size > most:
            raise ValueError(f"Maximum policy size of {most} bytes exceeded: {size}")

    return check


def key_policy(properties: Properties) -> None:
    """The policy of a key can be changed again.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    statements = _statements(properties.get("KeyPolicy") or {})
    may_change = [
        statement
        for statement in statements
        if statement["Effect"] == "Allow"
        and {"kms:*", "kms:Put*", "kms:PutKeyPolicy"} & _texts(statement["Action"])
    ]
    if statements and not may_change:
        raise ValueError("The new key policy will not allow you to update the key policy in the future.")


def trusted(properties: Properties) -> None:
    """Trusted users and roles of the account exist.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    own = f"arn:aws:iam::{get_account_id()}:"
    for statement in _statements(properties["AssumeRolePolicyDocument"]):
        principal = statement.get("Principal")
        for arn in _texts(principal.get("AWS", ())) if isinstance(principal, dict) else ():
            kind, _, name = arn.removeprefix(own).partition("/")
            there = {"role": iam._roles, "user": iam._users}.get(kind) if arn.startswith(own) else None
            if there is not None and name.rpartition("/")[2] not in there:
                raise ValueError(f'Invalid principal in policy: "AWS":"{arn}"')


def _statements(document: Any) -> list[Any]:
    document = json.loads(document) if isinstance(document, str) else document
    statements = document.get("Statement", [])
    return statements if isinstance(statements, list) else [statements]


def _texts(value: Any) -> set[str]:
    return {value} if isinstance(value, str) else set(value)


def metrics_ids(properties: Properties) -> None:
    """The id of a bucket's metrics configuration.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_MetricsConfiguration.html
    """
    for configuration in properties.get("MetricsConfigurations", ()):
        length("Id", 64)(configuration)
        matching("Id", re.compile(r"[A-Za-z0-9._-]+"))(configuration)


def lifecycle(properties: Properties) -> None:
    """The days of a bucket's transitions and expirations.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
    """
    for rule in (properties.get("LifecycleConfiguration") or {}).get("Rules", ()):
        expiration = int(rule.get("ExpirationInDays") or 1_000_000)
        for transition in rule.get("Transitions", ()):
            days = int(transition["TransitionInDays"])
            if transition["StorageClass"] in _COOL and days < 30:
                raise ValueError(
                    f"'Days' in Transition action must be greater than or equal to 30, got {days}"
                )
            if expiration <= days:
                raise ValueError(
                    f"'Days' in the Expiration action must be greater than {days}, got {expiration}"
                )


def evaluation(properties: Properties) -> None:
    """An alarm looks back at most a day; with periods of an hour, a week.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    period = int(properties.get("Period") or 0)
    most = 604_800 if period >= 3600 else 86_400
    if period * int(properties["EvaluationPeriods"]) > most:
        raise ValueError(
            f"Metrics cannot be checked across more than {most} seconds (EvaluationPeriods * Period)"
        )


def widgets(properties: Properties) -> None:
    """The limit of a dashboard's widgets.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
    """
    widgets = len(json.loads(properties["DashboardBody"]).get("widgets", ()))
    if widgets > 500:
        raise ValueError(f"a dashboard may have at most 500 widgets, has {widgets}")
