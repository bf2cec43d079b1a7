"""Fields of the JSON in secrets."""

from __future__ import annotations

from enum import StrEnum


class AccessKey(StrEnum):
    """The access key that a stage reads the lake with."""

    ID = "aws_access_key_id"
    SECRET = "aws_secret_access_key"  # noqa: S105 - the name of a field


class LoginKey(StrEnum):
    """The private key that a service user logs in with."""

    PRIVATE_KEY = "private_key"
    PASSPHRASE = "passphrase"  # noqa: S105 - the name of a field
