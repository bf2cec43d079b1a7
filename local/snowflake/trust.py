"""Whether a role's trust policy lets a storage integration in, as AWS would decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.snowflake.objects import IAM_USER_ARN


def trusts(policy: Mapping[str, Any], external_id: str) -> bool:
    """Whether the policy allows sts:AssumeRole to Snowflake's IAM user with that external id."""
    concerned = [
        str(statement.get("Effect"))
        for statement in _several(policy.get("Statement"))
        if _concerns(statement, external_id)
    ]
    return "Allow" in concerned and "Deny" not in concerned


def _concerns(statement: Mapping[str, Any], external_id: str) -> bool:
    principal = statement.get("Principal")
    named = _several(principal.get("AWS")) if isinstance(principal, Mapping) else _several(principal)
    account = IAM_USER_ARN.split(":")[4]
    ours = (IAM_USER_ARN, account, f"arn:aws:iam::{account}:root", "*")
    actions = {str(action).lower() for action in _several(statement.get("Action"))}
    return (
        any(name in ours for name in named)
        and bool(actions & {"sts:assumerole", "sts:*", "*"})
        and _met(statement.get("Condition") or {}, external_id)
    )


def _met(condition: Mapping[str, Mapping[str, Any]], external_id: str) -> bool:
    """Whether the condition holds; one about anything but the external id cannot be judged, so it does not."""
    return all(
        operator == "StringEquals" and key.lower() == "sts:externalid" and external_id in _several(wanted)
        for operator, keys in condition.items()
        for key, wanted in keys.items()
    )


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
