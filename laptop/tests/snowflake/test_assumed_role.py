"""The lake through a role: readable only if its trust policy names Snowflake's user and the external ID."""

from __future__ import annotations

import json
from typing import Any

import pytest

import laptop.snowflake.lake as lakes
from laptop.snowflake.lake import AssumedRole, LakeDeniedError, RoleDeniedError, S3Lake
from laptop.snowflake.objects import IAM_USER_ARN
from laptop.testing.aws import REGION, Emulator, unique


@pytest.fixture
def lake(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> S3Lake:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    # Check the trust again at every read.
    monkeypatch.setattr(lakes, "_ASSUMED_SECONDS", -1.0)
    return S3Lake(endpoint_url=f"http://127.0.0.1:{emulator.port}", region=REGION)


def trust(principal: str, external_id: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def role(emulator: Emulator) -> dict[str, Any]:
    made: dict[str, Any] = emulator.client("iam").create_role(
        RoleName=unique("lake-reader"), AssumeRolePolicyDocument=trust(IAM_USER_ARN, "ours")
    )["Role"]
    emulator.grant(made["RoleName"], {"Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"})
    return made


def test_a_role_that_trusts_snowflake_can_read_the_lake(
    emulator: Emulator, lake: S3Lake, role: dict[str, Any]
) -> None:
    bucket = emulator.create_bucket()
    emulator.client("s3").put_object(Bucket=bucket, Key="events/a.json", Body=b"{}")
    keys = AssumedRole(arn=role["Arn"], external_id="ours")
    assert [file.key for file in lake.list(bucket, "events/", keys)] == ["events/a.json"]
    assert lake.get(bucket, "events/a.json", keys).body == b"{}"


@pytest.mark.parametrize(
    ("principal", "external_id"),
    [
        ("arn:aws:iam::000000000000:root", "ours"),
        ("arn:aws:iam::000000000000:user/snowflake", "ours"),
        (IAM_USER_ARN, "theirs"),
    ],
)
def test_another_principal_or_external_id_is_denied(
    emulator: Emulator, lake: S3Lake, role: dict[str, Any], principal: str, external_id: str
) -> None:
    bucket = emulator.create_bucket()
    keys = AssumedRole(arn=role["Arn"], external_id="ours")
    lake.list(bucket, "", keys)
    emulator.client("iam").update_assume_role_policy(
        RoleName=role["RoleName"], PolicyDocument=trust(principal, external_id)
    )
    with pytest.raises(RoleDeniedError, match="verify the role and externalId"):
        lake.list(bucket, "", keys)


def test_a_prefix_outside_the_roles_policy_is_denied(
    emulator: Emulator, lake: S3Lake, role: dict[str, Any]
) -> None:
    bucket = emulator.create_bucket()
    keys = AssumedRole(arn=role["Arn"], external_id="ours")
    lake.list(bucket, "", keys)
    emulator.grant(role["RoleName"])
    with pytest.raises(LakeDeniedError, match="not authorized to perform: s3:ListBucket"):
        lake.list(bucket, "", keys)


def test_a_missing_role_is_denied(emulator: Emulator, lake: S3Lake) -> None:
    keys = AssumedRole(arn="arn:aws:iam::000000000000:role/missing", external_id="ours")
    with pytest.raises(RoleDeniedError):
        lake.get("bucket", "key", keys)
