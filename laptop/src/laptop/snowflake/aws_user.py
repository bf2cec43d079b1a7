"""Snowflake's IAM user, which assumes the roles of storage integrations.

As with Snowflake, it belongs to another AWS account, so it can assume a role only if the role's trust policy
names it; the emulator decides.
"""

from __future__ import annotations

import contextlib
import json
import threading
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from laptop.snowflake.objects import IAM_USER_ARN, Credentials

_ACCOUNT = IAM_USER_ARN.split(":")[4]
_NAME = IAM_USER_ARN.rsplit("/", 1)[-1]
_MAY_ASSUME = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}],
}


class NotTrustedError(Exception):
    """The role does not trust Snowflake's user, or does not exist: AWS's answer is the same."""


class AwsUser:
    """The user, with an access key that is created on first use."""

    def __init__(self, *, endpoint_url: str, region: str, config: Config) -> None:
        self._where: dict[str, Any] = {"endpoint_url": endpoint_url, "region_name": region, "config": config}
        self._lock = threading.Lock()
        self._sts: Any = None

    def assume(self, role_arn: str, external_id: str) -> Credentials:
        """The credentials of a session in the role.

        Raises:
            NotTrustedError: AWS did not allow it.
        """
        with self._lock:
            self._sts = self._sts or self._client("sts", self._make_key())
            try:
                answer = self._sts.assume_role(
                    RoleArn=role_arn,
                    ExternalId=external_id,
                    RoleSessionName="snowflake",
                    DurationSeconds=3600,
                )["Credentials"]
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") == "AccessDenied":
                    raise NotTrustedError(role_arn) from error
                self._sts = None  # a restarted emulator does not know the key
                raise
        return Credentials(
            key_id=answer["AccessKeyId"], secret_key=answer["SecretAccessKey"], token=answer["SessionToken"]
        )

    def _make_key(self) -> Credentials:
        # The emulator accepts an account's number as the key of its root user.
        iam = self._client("iam", Credentials(key_id=_ACCOUNT, secret_key="test"))  # noqa: S106
        with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_user(UserName=_NAME)
        iam.put_user_policy(UserName=_NAME, PolicyName="TakeOnRoles", PolicyDocument=json.dumps(_MAY_ASSUME))
        for old in iam.list_access_keys(UserName=_NAME)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=_NAME, AccessKeyId=old["AccessKeyId"])
        made = iam.create_access_key(UserName=_NAME)["AccessKey"]
        return Credentials(key_id=made["AccessKeyId"], secret_key=made["SecretAccessKey"])

    def _client(self, service: str, keys: Credentials) -> Any:
        return boto3.session.Session().client(
            service,
            aws_access_key_id=keys.key_id,
            aws_secret_access_key=keys.secret_key,
            **self._where,
        )
