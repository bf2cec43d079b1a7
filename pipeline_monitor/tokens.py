"""Tokens for Snowflake's REST APIs, which have no sessions: each request logs in."""

from __future__ import annotations

import base64
import hashlib

from clickstream_wire.environment import Login
from clickstream_wire.secrets import LoginKey
from pipeline_monitor.errors import MonitorError
from snowflake_setup.session.secrets import SecretStore
from snowflake_setup.session.settings import Settings

_LIFETIME_SECONDS = 300


def key_pair_token(login: Settings, secrets: SecretStore, now: int) -> str:
    """A JWT signed with the user's private key.

    https://docs.snowflake.com/en/developer-guide/sql-api/authenticating#using-key-pair-authentication

    Raises:
        MonitorError: the key cannot be used.
    """
    import jwt
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_pem_private_key,
    )

    if login.login_secret_arn is None:
        raise MonitorError(f"a key-pair login needs {Login.SECRET_ARN}")
    secret = secrets.read(
        login.login_secret_arn, required=[LoginKey.PRIVATE_KEY], optional=[LoginKey.PASSPHRASE]
    )
    passphrase = secret[LoginKey.PASSPHRASE].reveal().encode() if LoginKey.PASSPHRASE in secret else None
    try:
        key = load_pem_private_key(secret[LoginKey.PRIVATE_KEY].reveal().encode(), passphrase)
    except (ValueError, TypeError):
        raise MonitorError("the private key in the login secret cannot be read") from None
    if not isinstance(key, RSAPrivateKey):
        raise MonitorError("the private key in the login secret is no RSA key")
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    print_ = base64.b64encode(hashlib.sha256(public).digest()).decode()
    # An account locator is used without its region.
    subject = f"{login.account.partition('.')[0]}.{login.user}".upper()
    claims = {
        "iss": f"{subject}.SHA256:{print_}",
        "sub": subject,
        "iat": now,
        "exp": now + _LIFETIME_SECONDS,
    }
    return jwt.encode(claims, key, algorithm="RS256")


def workload_identity_token() -> str:
    """The proof of the function's IAM role that the connector logs in with.

    Snowflake's page names the JWT of sts:GetWebIdentityToken, which the connector fetches if
    SNOWFLAKE_ENABLE_AWS_WIF_OUTBOUND_TOKEN is set; that REST APIs accept its default, a signed GetCallerIdentity, is
    what Snowflake's own Snowpark relies on, and not documented.
    https://docs.snowflake.com/en/developer-guide/sql-api/authenticating#using-workload-identity-federation

    Raises:
        MonitorError: the role cannot be proven.
    """
    from snowflake.connector._common.wif_util import AttestationProvider, create_attestation
    from snowflake.connector.errors import Error

    try:
        return f"WIF.AWS.{create_attestation(AttestationProvider.AWS).credential}"
    except Error as error:
        raise MonitorError(
            f"the function cannot prove its IAM role: {type(error).__name__} {error.errno}"
        ) from None
