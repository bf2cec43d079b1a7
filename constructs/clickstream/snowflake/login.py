"""The login of a Lambda to Snowflake."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_secretsmanager as secretsmanager

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
