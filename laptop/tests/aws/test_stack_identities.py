"""IAM resource types that the bare MiniStack refuses: created, changed, deleted."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from laptop.testing.aws import ACCOUNT, Emulator, unique

Resources = dict[str, Any]


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


class TestAccessKey:
    def template(self, user: str, **key: Any) -> Resources:
        return {
            "User": resource("IAM::User", UserName=user),
            "Key": resource("IAM::AccessKey", UserName={"Ref": "User"}, **key),
            "Secret": resource(
                "SecretsManager::Secret", Name=user, SecretString={"Fn::GetAtt": ["Key", "SecretAccessKey"]}
            ),
        }

    def keys(self, emulator: Emulator, user: str) -> dict[str, str]:
        listed = emulator.client("iam").list_access_keys(UserName=user)["AccessKeyMetadata"]
        return {key["AccessKeyId"]: key["Status"] for key in listed}

    def test_its_secret_reaches_secrets_manager(self, emulator: Emulator) -> None:
        user = unique("snowpipe")
        stack = emulator.deploy(self.template(user))
        assert self.keys(emulator, user) == {emulator.physical_id(stack, "Key"): "Active"}
        secret = emulator.client("secretsmanager").get_secret_value(SecretId=user)["SecretString"]
        assert len(secret) == 40

    def test_a_higher_serial_rotates_it_and_a_status_deactivates_it(self, emulator: Emulator) -> None:
        user = unique("snowpipe")
        stack = emulator.deploy(self.template(user, Serial=1))
        first = emulator.physical_id(stack, "Key")
        secret = emulator.client("secretsmanager").get_secret_value(SecretId=user)["SecretString"]

        emulator.deploy(self.template(user, Serial=2), stack)
        second = emulator.physical_id(stack, "Key")
        assert second != first
        assert self.keys(emulator, user) == {second: "Active"}
        assert emulator.client("secretsmanager").get_secret_value(SecretId=user)["SecretString"] != secret

        emulator.deploy(self.template(user, Serial=2, Status="Inactive"), stack)
        assert self.keys(emulator, user) == {second: "Inactive"}

    def test_it_is_deleted_with_its_stack(self, emulator: Emulator) -> None:
        stack = emulator.deploy(self.template(unique("snowpipe")))
        key = emulator.physical_id(stack, "Key")
        assert emulator.delete(stack) == "DELETE_COMPLETE"
        with pytest.raises(ClientError):
            emulator.client("iam").update_access_key(AccessKeyId=key, Status="Active")

    def test_a_user_that_does_not_exist_fails_the_stack(self, emulator: Emulator) -> None:
        stack = emulator.deploy({"Key": resource("IAM::AccessKey", UserName="missing")})
        assert emulator.status(stack) == "ROLLBACK_COMPLETE"


class TestGroup:
    def template(self, group: str, *buckets: str) -> Resources:
        statement = {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": [f"arn:aws:s3:::{b}/*" for b in buckets],
        }
        document = {"Version": "2012-10-17", "Statement": [statement]}
        return {
            "Readers": resource(
                "IAM::Group", GroupName=group, Policies=[{"PolicyName": "read", "PolicyDocument": document}]
            ),
            "Managed": resource("IAM::ManagedPolicy", PolicyDocument=document, Groups=[{"Ref": "Readers"}]),
            "Member": resource("IAM::User", UserName=f"{group}-member", Groups=[{"Ref": "Readers"}]),
            "Late": resource("IAM::User", UserName=f"{group}-late"),
            "Addition": resource(
                "IAM::UserToGroupAddition", GroupName={"Ref": "Readers"}, Users=[{"Ref": "Late"}]
            ),
        }

    def test_it_has_users_and_policies_and_is_deleted_with_its_stack(self, emulator: Emulator) -> None:
        group, iam = unique("readers"), emulator.client("iam")
        stack = emulator.deploy(self.template(group, "a"))
        members = {user["UserName"] for user in iam.get_group(GroupName=group)["Users"]}
        assert members == {f"{group}-member", f"{group}-late"}
        assert len(iam.list_attached_group_policies(GroupName=group)["AttachedPolicies"]) == 1

        emulator.deploy(self.template(group, "a", "b"), stack)
        policy = iam.get_group_policy(GroupName=group, PolicyName="read")["PolicyDocument"]
        assert policy["Statement"][0]["Resource"] == ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]

        assert emulator.delete(stack) == "DELETE_COMPLETE"
        with pytest.raises(iam.exceptions.NoSuchEntityException):
            iam.get_group(GroupName=group)


class TestOidcProvider:
    def template(self, host: str, *audiences: str) -> Resources:
        return {
            "Provider": resource("IAM::OIDCProvider", Url=f"https://{host}", ClientIdList=list(audiences)),
            "Seen": resource("SSM::Parameter", Type="String", Value={"Ref": "Provider"}),
        }

    def test_it_is_changed_in_place_and_deleted_with_its_stack(self, emulator: Emulator) -> None:
        host, iam = f"{unique('git')}.example.com", emulator.client("iam")
        stack = emulator.deploy(self.template(host, "diff"))
        arn = emulator.physical_id(stack, "Provider")
        assert arn == f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"
        seen = emulator.client("ssm").get_parameter(Name=emulator.physical_id(stack, "Seen"))
        assert seen["Parameter"]["Value"] == arn

        emulator.deploy(self.template(host, "diff", "deploy"), stack)
        provider = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
        assert provider["ClientIDList"] == ["diff", "deploy"]

        assert emulator.delete(stack) == "DELETE_COMPLETE"
        listed = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
        assert arn not in [provider["Arn"] for provider in listed]

    def test_an_account_has_one_per_url(self, emulator: Emulator) -> None:
        host = f"{unique('git')}.example.com"
        first = emulator.deploy(self.template(host, "diff"))
        second = emulator.deploy(self.template(host, "diff"))
        assert emulator.status(second) == "ROLLBACK_COMPLETE"
        provider = emulator.client("iam").get_open_id_connect_provider(
            OpenIDConnectProviderArn=emulator.physical_id(first, "Provider")
        )
        assert provider["ClientIDList"] == ["diff"]
