"""RSA key pairs of Snowflake's service users: formats and fingerprints."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from clickstream_wire.secrets import LoginKey

BITS = 3072
_LEAST_BITS = 2048  # https://docs.snowflake.com/en/user-guide/key-pair-auth
_ADVICE = (
    "make a pair with `openssl genrsa 2048 | openssl pkcs8 -topk8 -nocrypt -out rsa_key.p8` and "
    "`openssl rsa -in rsa_key.p8 -pubout -out rsa_key.pub`"
)


@dataclass(frozen=True)
class KeyPair:
    """A key pair, in the formats of Secrets Manager and Snowflake."""

    private_pem: str
    public_body: str

    @classmethod
    def new(cls) -> KeyPair:
        """A new key pair."""
        return cls.of(rsa.generate_private_key(public_exponent=65537, key_size=BITS))

    @classmethod
    def of(cls, key: RSAPrivateKey) -> KeyPair:
        """The pair of a private key."""
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        return cls(private, _body(key.public_key()))

    @classmethod
    def of_secret(cls, text: str) -> KeyPair:
        """The pair whose private key is in a secret.

        Raises:
            ValueError: it contains no RSA key, or one with a wrong passphrase.
        """
        try:
            content = json.loads(text)
            passphrase = content.get(LoginKey.PASSPHRASE)
            pem = content[LoginKey.PRIVATE_KEY].encode()
            key = load_pem_private_key(pem, passphrase.encode() if passphrase else None)
        except (ValueError, TypeError, KeyError, AttributeError):
            key = None
        if isinstance(key, RSAPrivateKey):
            return cls.of(key)
        raise ValueError('no readable RSA key; it has to be {"private_key": "-----BEGIN PRIVATE KEY…"}')

    @property
    def secret(self) -> str:
        """The content of a service user's secret."""
        return json.dumps({LoginKey.PRIVATE_KEY: self.private_pem})

    @property
    def fingerprint(self) -> str:
        """The fingerprint, as DESC USER shows it."""
        digest = hashlib.sha256(base64.b64decode(self.public_body)).digest()
        return f"SHA256:{base64.b64encode(digest).decode()}"


def public_key_in(path: Path) -> str:
    """The public key in a PEM file, in Snowflake's format.

    Raises:
        ValueError: it contains none, or one that is too short for Snowflake.
    """
    try:
        key = load_pem_public_key(path.read_bytes())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError(f"{path} holds no public key in PEM form; {_ADVICE}") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < _LEAST_BITS:
        raise ValueError(f"{path} must hold an RSA key of {_LEAST_BITS} bits or more; {_ADVICE}")
    return _body(key)


def _body(key: RSAPublicKey) -> str:
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
