"""A second opinion on IAM policies: cloudsplaining finds no way to more rights, to secrets or to everybody's data."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cloudsplaining.scan.policy_document import PolicyDocument

from tests.infrastructure.synthesis import Pipeline
from tests.infrastructure.variants import VARIANTS

_RISKS = (
    "allows_privilege_escalation",
    "permissions_management_without_constraints",
    "write_actions_without_constraints",
    "credentials_exposure",
    "allows_data_exfiltration_actions",
    "service_wildcard",
    "contains_statement_using_not_action",
)
# A reference is to one resource of ours, whatever its name will be.
_ONE_RESOURCE = "arn:aws:iam::111122223333:role/referred"


def policies(node: Any, name: str = "") -> Iterator[dict[str, Any]]:
    """Policies that give rights; one that says who may have them is another test's (test_exposure.py)."""
    if isinstance(node, dict):
        if name in {"PolicyDocument", "Policy"} and "Statement" in node:
            yield node
        for key, value in node.items():
            yield from policies(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from policies(value, name)


def risks(policy: dict[str, Any]) -> dict[str, Any]:
    policy = copy.deepcopy(policy)
    for statement in policy["Statement"]:
        named = statement.get("Resource", [])
        named = named if isinstance(named, list) else [named]
        statement["Resource"] = [one if isinstance(one, str) else _ONE_RESOURCE for one in named]
    judged = PolicyDocument(policy)
    return {risk: found for risk in _RISKS if (found := getattr(judged, risk))}


@pytest.mark.parametrize("name", VARIANTS)
def test_no_policy_opens_a_way_to_more(name: str, variant: Callable[[str], Pipeline]) -> None:
    identities = [
        resource["Properties"]
        for template in variant(name).stacks.values()
        for resource in template["Resources"].values()
        if resource["Type"].startswith("AWS::IAM::")
    ]
    judged = [risks(policy) for policy in policies(identities)]
    assert len(judged) >= 5
    assert [found for found in judged if found] == []


@pytest.mark.parametrize(
    ("actions", "risk"),
    [
        (["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"], "allows_privilege_escalation"),
        (["iam:PutRolePolicy"], "permissions_management_without_constraints"),
        (["s3:DeleteObject"], "write_actions_without_constraints"),
        (["s3:GetObject"], "allows_data_exfiltration_actions"),
        (["s3:*"], "service_wildcard"),
    ],
)
def test_a_way_to_more_is_seen(actions: list[str], risk: str) -> None:
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    assert risk in risks({"Version": "2012-10-17", "Statement": [statement]})
