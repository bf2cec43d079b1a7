"""Key-pair login: the token's signature, names and time are checked against the user's public keys."""

from __future__ import annotations

import base64
import hashlib
import logging
import secrets
from dataclasses import dataclass

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from laptop.snowflake import errors
from laptop.snowflake.catalog import Catalog
from laptop.snowflake.errors import SnowflakeError
from laptop.snowflake.grants import Grants
from laptop.snowflake.names import Name
from laptop.snowflake.objects import Role, User

logger = logging.getLogger(__name__)
ACCOUNT = "LOCAL"


@dataclass(frozen=True)
class LoginRequest:
    """A client's request to log in."""

    login_name: str
    authenticator: str
    token: str
    account: str = ACCOUNT
    role: str | None = None


def check_public_key(body: str, option: str) -> None:
    """Refuse a value that is not an RSA public key.

    Raises:
        SnowflakeError: It is not.
    """
    try:
        key = _load(body)
    except (ValueError, UnsupportedAlgorithm):
        raise errors.invalid_value("not a base64 RSA public key", option) from None
    if key.key_size < 2048:
        raise errors.invalid_value(f"an RSA key of {key.key_size} bits, at least 2048 are needed", option)


def fingerprint(body: str) -> str:
    """The key's fingerprint, as in the token's issuer."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(base64.b64decode(body)).digest()).decode()


def authenticate(catalog: Catalog, request: LoginRequest) -> User:
    """The user that the token authenticates.

    Raises:
        SnowflakeError: The token is invalid, or the user may not log in.
    """
    if request.authenticator.upper() != "SNOWFLAKE_JWT":
        raise errors.unsupported(
            f"a login with authenticator {request.authenticator or 'SNOWFLAKE'} instead of SNOWFLAKE_JWT, a key pair"
        )
    login = request.login_name.upper()
    user = next((user for user in catalog.all(User) if user.login_name == login), None)
    if user is None:
        raise _refused(login, "no such user")
    _verify(user, request.token, request.account.upper())
    if user.disabled:
        raise SnowflakeError(
            "User access disabled. Contact your local system administrator.", errno=390101, sqlstate="08001"
        )
    return user


def choose_role(catalog: Catalog, grants: Grants, user: User, wanted: str | None) -> str:
    """The role a session starts in: the requested one, else the user's default, else PUBLIC.

    Raises:
        SnowflakeError: The role does not exist, or is not granted to the user.
    """
    role = wanted or user.default_role or "PUBLIC"
    if role in grants.roles_of_user(user.name.last):
        return role
    if wanted is None:
        text = (
            f"User's configured default role '{role}' is not granted to this user. Contact your local system "
            "administrator, or attempt to login using a CLI client with a connect string selecting another role, "
            "e.g. PUBLIC."
        )
        raise SnowflakeError(text, errno=390186, sqlstate="08001")
    there = catalog.find(Role, Name((wanted,))) is not None
    text = (
        f"Role '{wanted}' specified in the connect string "
        f"{'is not granted to this user' if there else 'does not exist or not authorized'}. Contact your local "
        "system administrator, or attempt to login with another role, e.g. PUBLIC."
    )
    raise SnowflakeError(text, errno=390186 if there else 390189, sqlstate="08001")


def _verify(user: User, token: str, account: str) -> None:
    login = user.login_name
    if account != ACCOUNT:
        raise _refused(login, f"account {account!r} is not {ACCOUNT!r}")
    reasons = []
    for body in filter(None, (user.rsa_public_key, user.rsa_public_key_2)):
        try:
            claims = jwt.decode(
                token,
                _load(body),
                algorithms=["RS256"],
                issuer=f"{ACCOUNT}.{login}.{fingerprint(body)}",
                subject=f"{ACCOUNT}.{login}",
                leeway=60,
                options={"require": ["iss", "sub", "iat", "exp"]},
            )
        except jwt.InvalidTokenError as error:
            reasons.append(str(error))
            continue
        if claims["exp"] - claims["iat"] > 3600:
            reasons.append("valid for more than an hour")
            continue
        return
    raise _refused(login, "; ".join(reasons) or "the user has no public key")


def _load(body: str) -> RSAPublicKey:
    key = load_der_public_key(base64.b64decode(body, validate=True))
    if not isinstance(key, RSAPublicKey):
        raise ValueError("not an RSA key")
    return key


def _refused(login: str, reason: str) -> SnowflakeError:
    # The client gets only a reference; the reason is in the log, as in Snowflake's login history.
    reference = secrets.token_hex(8)
    logger.warning("login refused user=%s reference=%s reason=%s", login, reference, reason)
    return errors.jwt_invalid(reference)
