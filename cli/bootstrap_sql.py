"""What a Snowflake administrator runs once, before the first deployment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from snowflake_setup.identifiers import Identifier, literal
from stacks.config import PipelineConfig


@dataclass(frozen=True)
class KeyPairLogin:
    """The service user proves itself with a private key; Snowflake keeps the public half.

    https://docs.snowflake.com/en/user-guide/key-pair-auth
    """

    public_key: str

    @classmethod
    def from_pem(cls, path: Path) -> KeyPairLogin:
        """Read a PEM file with an RSA public key.

        Raises:
            ValueError: there is none in it, or it is shorter than Snowflake takes.
        """
        advice = "make a pair with `openssl genrsa 2048 | openssl pkcs8 -topk8 -nocrypt -out rsa_key.p8` and "
        advice += "`openssl rsa -in rsa_key.p8 -pubout -out rsa_key.pub`"
        try:
            key = load_pem_public_key(path.read_bytes())
        except (ValueError, UnsupportedAlgorithm):
            raise ValueError(f"{path} holds no public key in PEM form; {advice}") from None
        if not isinstance(key, RSAPublicKey) or key.key_size < 2048:
            raise ValueError(f"{path} must hold an RSA key of 2048 bits or more; {advice}")
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        return cls("".join(line for line in pem.splitlines() if not line.startswith("-----")))

    def on_create(self) -> str:
        """The login's part of CREATE USER."""
        return ""

    def on_alter(self, user: str) -> str:
        """Sets the login on a user that may have existed before."""
        return f"ALTER USER {user} SET RSA_PUBLIC_KEY = {literal(self.public_key)}"


@dataclass(frozen=True)
class WorkloadIdentityLogin:
    """The landing Lambda's IAM role is the login; there is no secret.

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


def bootstrap_sql(config: PipelineConfig, login: KeyPairLogin | WorkloadIdentityLogin) -> str:
    """SQL for database, schema, the role that a deployment acts in, and the service user that logs in.

    Running it again changes nothing but the login.
    """
    names = config.snowflake
    database, role, user = (Identifier(name).sql() for name in (names.database, names.role, names.user))
    schema = f"{database}.{Identifier(names.schema_name).sql()}"
    comment = literal(f"Deploys the click event pipeline {config.prefix}")
    create_user = f"CREATE USER IF NOT EXISTS {user} TYPE = SERVICE DEFAULT_ROLE = {role}"
    by_integration = config.access.mode == "storage_integration"
    integration = f"GRANT CREATE STORAGE INTEGRATION ON ACCOUNT TO ROLE {role};"
    warehouse = Identifier(names.warehouse.upper()).sql() if names.warehouse else None
    return "\n".join(
        [
            f"-- Snowflake, once, before the first `cdk deploy --all -c stage={config.stage}`.",
            "-- By someone who may use the roles SYSADMIN, USERADMIN and SECURITYADMIN.",
            "",
            "USE ROLE SYSADMIN;",
            f"CREATE DATABASE IF NOT EXISTS {database};",
            f"CREATE SCHEMA IF NOT EXISTS {schema};",
            "",
            "-- The role and the user of the landing Lambda.",
            "USE ROLE USERADMIN;",
            f"CREATE ROLE IF NOT EXISTS {role} COMMENT = {comment};",
            " ".join(filter(None, [create_user, login.on_create(), f"COMMENT = {comment}"])) + ";",
            f"{login.on_alter(user)};",
            "",
            "-- All that a deployment needs; it owns what it creates.",
            "USE ROLE SECURITYADMIN;",
            f"GRANT USAGE ON DATABASE {database} TO ROLE {role};",
            f"GRANT USAGE ON SCHEMA {schema} TO ROLE {role};",
            "GRANT CREATE FILE FORMAT, CREATE STAGE, CREATE TABLE, CREATE PIPE, CREATE VIEW "
            f"ON SCHEMA {schema} TO ROLE {role};",
            *(["-- The integration that reads the lake.", integration] if by_integration else []),
            *([f"GRANT USAGE ON WAREHOUSE {warehouse} TO ROLE {role};"] if warehouse else []),
            f"GRANT ROLE {role} TO USER {user};",
            "-- So that administrators see and manage the objects, too.",
            f"GRANT ROLE {role} TO ROLE SYSADMIN;",
            "",
        ]
    )
