"""Secrets: fetched when needed, never stored, never shown."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Protocol

from snowflake_setup.session.errors import SecretError
from snowflake_setup.sql.secret import Secret


class SecretStore(Protocol):
    """A source of secrets: Secrets Manager, or a dict in a test."""

    def read(
        self, arn: str, *, required: Collection[str], optional: Collection[str] = ()
    ) -> dict[str, Secret]:
        """The named fields of the JSON object stored under `arn`."""


class SecretsManager:
    """AWS Secrets Manager; nothing is cached, so that a rotated value is seen."""

    def read(
        self, arn: str, *, required: Collection[str], optional: Collection[str] = ()
    ) -> dict[str, Secret]:
        """Fetch the secret and pick its fields."""
        return fields_of(self._fetch(arn), arn=arn, required=required, optional=optional)

    def _fetch(self, arn: str) -> str:
        # Imported late: a Delete of a table needs no boto3, and it would slow the cold start.
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = boto3.client("secretsmanager").get_secret_value(SecretId=arn)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "unknown")
            raise SecretError(
                f"secret {arn} cannot be read: {code}; "
                "grant this function secretsmanager:GetSecretValue on it (and kms:Decrypt on its key)"
            ) from None
        except BotoCoreError as error:
            raise SecretError(f"secret {arn} cannot be read: {type(error).__name__}") from None
        text = answer.get("SecretString")
        if not isinstance(text, str) or not text:
            raise SecretError(f"secret {arn} is binary or empty; store a JSON object as its SecretString")
        return text


def fields_of(
    text: str, *, arn: str, required: Collection[str], optional: Collection[str]
) -> dict[str, Secret]:
    """The wanted fields of a secret's JSON text; no message contains its values."""
    wanted = f"a JSON object with {', '.join(sorted(required))}"
    try:
        content = json.loads(text)
    except ValueError:
        raise SecretError(f"secret {arn} is not JSON; store {wanted}") from None
    if not isinstance(content, Mapping):
        raise SecretError(f"secret {arn} is not a JSON object; store {wanted}")
    missing = sorted(name for name in required if not content.get(name))
    if missing:
        raise SecretError(f"secret {arn} lacks {', '.join(missing)}; store {wanted}")
    present = [name for name in (*required, *optional) if content.get(name)]
    if wrong := [name for name in present if not isinstance(content[name], str)]:
        raise SecretError(f"secret {arn}: {', '.join(wrong)} must be text")
    return {name: Secret(content[name]) for name in present}
