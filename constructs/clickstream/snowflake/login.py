"""The login of a Lambda to Snowflake."""

from __future__ import annotations

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from clickstream_wire.environment import Login, LoginMethod


@dataclass(frozen=True, kw_only=True)
class SnowflakeLogin:
    """A service user, its role and its means of authentication.

    Args:
        account: Snowflake's account identifier.
        user: the service user.
        role: the Snowflake role to use.
        secret: the secret with the private key, for a key-pair login; by default the login is by workload identity,
            without a secret.
        warehouse: runs queries; DDL statements need none.
        host: Snowflake's host, if it does not follow from the account, such as PrivateLink's for a Lambda in a VPC.

    https://docs.snowflake.com/en/user-guide/workload-identity-federation
    """

    account: str
    user: str
    role: str
    secret: secretsmanager.ISecret | None = None
    warehouse: str = ""
    host: str = ""

    def to_environment(self) -> dict[str, str]:
        """The environment variables of the function."""
        method: LoginMethod = "key_pair" if self.secret else "workload_identity"
        return {
            Login.ACCOUNT: self.account,
            Login.USER: self.user,
            Login.ROLE: self.role,
            Login.METHOD: method,
            **({Login.SECRET_ARN: self.secret.secret_arn} if self.secret else {}),
            **({Login.WAREHOUSE: self.warehouse} if self.warehouse else {}),
            **({Login.HOST: self.host} if self.host else {}),
        }

    def grant_read(self, function: lambda_.IFunction) -> None:
        """Let a function read the secret, if there is one, and use the customer key that encrypts it.

        The library adds the latter to the key's policy only, and none to an imported key.
        """
        if not self.secret:
            return
        self.secret.grant_read(function)
        if key := self.secret.encryption_key:
            region = cdk.Stack.of(function).region
            via = {"StringEquals": {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"}}
            function.add_to_role_policy(
                iam.PolicyStatement(actions=["kms:Decrypt"], resources=[key.key_arn], conditions=via)
            )


def login_secret(
    scope: Construct, construct_id: str, *, name: str, key_arn: str = ""
) -> secretsmanager.ISecret:
    """An existing secret with a private key.

    Args:
        scope: the parent.
        construct_id: its name there.
        name: the secret's name.
        key_arn: the customer key that encrypts it, whose policy must delegate access to IAM; by default AWS's, which
            needs no right.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
    """
    if not key_arn:
        return secretsmanager.Secret.from_secret_name_v2(scope, construct_id, name)
    arn = cdk.Stack.of(scope).format_arn(
        service="secretsmanager",
        resource="secret",
        resource_name=name,
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
    key = kms.Key.from_key_arn(scope, f"{construct_id}Key", key_arn)
    return secretsmanager.Secret.from_secret_attributes(
        scope, construct_id, secret_partial_arn=arn, encryption_key=key
    )
