"""The service users of Snowflake and their logins: by key pair or by workload identity, never by password."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from snowflake_setup.sql.identifiers import literal

if TYPE_CHECKING:
    from config.model import PipelineConfig


class Purpose(StrEnum):
    """The purpose of a service user."""

    DEPLOY = "deploy"
    MONITOR = "monitor"


@dataclass(frozen=True)
class ServiceUser:
    """A user, its role, and the secret with its private key if it logs in with one."""

    user: str
    role: str
    secret_name: str


def service_user(config: PipelineConfig, purpose: Purpose) -> ServiceUser:
    """The deployment's user for a purpose."""
    names = config.snowflake
    if purpose is Purpose.MONITOR:
        return ServiceUser(names.monitor_user, names.monitor_role, names.monitor_login_secret_name)
    return ServiceUser(names.user, names.role, names.login_secret_name)


@dataclass(frozen=True)
class KeyPairLogin:
    """Login with a private key; Snowflake has the public key.

    https://docs.snowflake.com/en/user-guide/key-pair-auth
    """

    public_key: str

    def on_create(self) -> str:
        """The login's part of CREATE USER."""
        return ""

    def on_alter(self, user: str) -> str:
        """Sets the login on a user that may have existed before."""
        return f"ALTER USER {user} SET RSA_PUBLIC_KEY = {literal(self.public_key)}"


@dataclass(frozen=True)
class WorkloadIdentityLogin:
    """Login by the IAM role of a Lambda, without a secret.

    https://docs.snowflake.com/en/user-guide/workload-identity-federation
    """

    role_arn: str

    def on_create(self) -> str:
        """The login's part of CREATE USER."""
        return f"WORKLOAD_IDENTITY = ({self._identity()})"

    def on_alter(self, user: str) -> str:
        """Sets the login on a user that may have existed before."""
        return f"ALTER USER {user} SET WORKLOAD_IDENTITY = ({self._identity()})"

    def _identity(self) -> str:
        return f"TYPE = AWS ARN = {literal(self.role_arn)}"


Login: TypeAlias = KeyPairLogin | WorkloadIdentityLogin
