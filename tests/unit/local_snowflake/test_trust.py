"""Whom a role's trust policy lets in."""

from __future__ import annotations

from typing import Any

import pytest

from local.snowflake.objects import IAM_USER_ARN
from local.snowflake.trust import trusts

EXACT: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"AWS": IAM_USER_ARN},
    "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"sts:ExternalId": "ours"}},
}
ELSEWHERE = "arn:aws:iam::000000000000:root"


@pytest.mark.parametrize(
    ("change", "trusted"),
    [
        ({}, True),
        ({"Principal": {"AWS": [ELSEWHERE, IAM_USER_ARN]}}, True),
        ({"Condition": {"StringEquals": {"sts:ExternalId": ["theirs", "ours"]}}}, True),
        ({"Condition": {}}, True),
        ({"Action": ["sts:AssumeRole", "sts:TagSession"]}, True),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Principal": {"AWS": ELSEWHERE}}, False),
        ({"Principal": {"AWS": IAM_USER_ARN + "-other"}}, False),
        ({"Principal": {"Service": "firehose.amazonaws.com"}}, False),
        ({"Condition": {"StringEquals": {"sts:ExternalId": "theirs"}}}, False),
        ({"Condition": {"StringEquals": {"sts:ExternalId": "ours", "aws:PrincipalOrgID": "o"}}}, False),
        ({"Action": "sts:TagSession"}, False),
        ({"Effect": "Deny"}, False),
    ],
)
def test_the_user_and_the_external_id_decide(change: dict[str, Any], trusted: bool) -> None:
    assert trusts({"Version": "2012-10-17", "Statement": [{**EXACT, **change}]}, "ours") is trusted


def test_a_denial_outweighs() -> None:
    assert not trusts({"Statement": [EXACT, {**EXACT, "Effect": "Deny"}]}, "ours")
    assert trusts({"Statement": EXACT}, "ours")
    assert not trusts({}, "ours")
