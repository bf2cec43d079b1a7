"""Rotation of a service user's key without downtime, using its second key slot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import snowflake.connector
from botocore.exceptions import BotoCoreError, ClientError
from snowflake.connector import DictCursor, SnowflakeConnection

from cli.keys import BITS, KeyPair
from cli.output import CommandError, done, note
from snowflake_setup.sql.identifiers import Identifier, literal

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

SLOTS = ("RSA_PUBLIC_KEY", "RSA_PUBLIC_KEY_2")


@dataclass(frozen=True)
class Slots:
    """The slot for the new key, and the one that is cleared at the end."""

    free: str
    used: str | None


@dataclass(frozen=True, kw_only=True)
class LoginRotation:
    """The steps of a rotation; after each, a login works.

    Args:
        admin: a session that owns the user.
        user: the service user.
        secrets: Secrets Manager.
        secret_id: the secret from which the Lambda reads the private key.
        log_in: logs in as the user with a private key, or raises.
    """

    admin: SnowflakeConnection
    user: str
    secrets: SecretsManagerClient
    secret_id: str
    log_in: Callable[[str], None]

    def look(self, *, overwrite: bool) -> Slots:
        """Find the free slot.

        Raises:
            CommandError: no slot is free, or user or secret cannot be read.
        """
        with _step(f"read the key in secret {self.secret_id}", otherwise="nothing was changed"):
            value = self.secrets.get_secret_value(SecretId=self.secret_id)["SecretString"]
        in_use = _fingerprint(value, self.secret_id)
        with _step(
            f"describe user {self.user}",
            otherwise="nothing was changed. Your role must own the user: USERADMIN made it (see --role)",
        ):
            there = self._fingerprints()
        return _choose(there, in_use, self.user, overwrite=overwrite)

    def rehearse(self, slots: Slots) -> None:
        """Print what `carry_out` would do."""
        note(f"would make an RSA key of {BITS} bits")
        note(f"would {self._set(slots.free, '…')}")
        note(f"would log in as {self.user} with the new key")
        note(f"would store it as a new version of secret {self.secret_id}")
        if slots.used:
            note(f"would {self._unset(slots.used)}")

    def carry_out(self, slots: Slots) -> str:
        """Rotate; return the id of the secret's new version.

        Raises:
            CommandError: a step failed; a login still works, and the message says what to do.
        """
        pair = KeyPair.new()
        unchanged = "the login is unchanged: the old key works and is in the secret"
        with _step(f"put the new public key into {slots.free}", otherwise=unchanged):
            self._execute(self._set(slots.free, pair.public_body))
        try:
            with _step(f"log in as {self.user} with the new key", otherwise=unchanged):
                self.log_in(pair.private_pem)
        except BaseException:
            self._take_out(slots.free)
            raise
        version = self._store(pair, slots)
        if slots.used:
            with _step(
                f"clear {slots.used}, the old key's slot",
                otherwise="the new key works and is in the secret; the old one also still works: "
                f"run {self._unset(slots.used)}",
            ):
                self._execute(self._unset(slots.used))
        return str(version)

    def _store(self, pair: KeyPair, slots: Slots) -> str:
        """Store the key; return the version's id. If storing fails, check the secret: the key may be stored anyway."""
        try:
            with _step(
                f"store it as a new version of secret {self.secret_id}",
                otherwise="the old key still works, whatever the secret holds now",
            ):
                return str(
                    self.secrets.put_secret_value(SecretId=self.secret_id, SecretString=pair.secret)[
                        "VersionId"
                    ]
                )
        except BaseException:
            if self._holds_another(pair):
                self._take_out(slots.free)
            else:
                note(f"both slots were left unchanged: the secret may hold the key in {slots.free}")
            raise

    def _holds_another(self, pair: KeyPair) -> bool:
        """True if the secret certainly does not hold this key."""
        try:
            value = self.secrets.get_secret_value(SecretId=self.secret_id)["SecretString"]
            return _fingerprint(value, self.secret_id) != pair.fingerprint
        except (ClientError, BotoCoreError, CommandError):
            return False

    def _take_out(self, slot: str) -> None:
        with _step(
            f"take the new public key out of {slot} again",
            otherwise=f"the old key works and is in the secret; run {self._unset(slot)} yourself",
        ):
            self._execute(self._unset(slot))

    def _fingerprints(self) -> dict[str, str | None]:
        with self.admin.cursor(DictCursor) as cursor:
            cursor.execute(f"DESC USER {Identifier(self.user).sql()}")
            rows = [{str(key).lower(): value for key, value in row.items()} for row in cursor]
        told = {str(row["property"]).upper(): row["value"] for row in rows}
        return {slot: _known(told.get(f"{slot}_FP")) for slot in SLOTS}

    def _set(self, slot: str, body: str) -> str:
        return f"ALTER USER {Identifier(self.user).sql()} SET {slot} = {literal(body)}"

    def _unset(self, slot: str) -> str:
        return f"ALTER USER {Identifier(self.user).sql()} UNSET {slot}"

    def _execute(self, sql: str) -> None:
        with self.admin.cursor() as cursor:
            cursor.execute(sql)


@contextmanager
def _step(title: str, *, otherwise: str) -> Iterator[None]:
    """Show one step; on a failure, raise a CommandError that ends with what still works and what to do then."""
    try:
        yield
    except snowflake.connector.Error as error:
        raise CommandError(f"{title}: Snowflake says {error.errno}: {error.msg}\n{otherwise}") from None
    except (ClientError, BotoCoreError) as error:
        raise CommandError(f"{title}: {error}\n{otherwise}") from None
    done(title)


def _choose(there: dict[str, str | None], in_use: str, user: str, *, overwrite: bool) -> Slots:
    used = next((slot for slot in SLOTS if there[slot] == in_use), None)
    others = [slot for slot in SLOTS if slot != used]
    # A slot that holds a copy of the key in use counts as free.
    free = next((slot for slot in others if there[slot] in (None, in_use)), others[-1] if overwrite else None)
    if free is None:
        taken = others[-1]
        raise CommandError(
            f"both key slots of user {user} are taken, and {taken} holds a key that is not in the secret "
            f"({there[taken]}): left by an interrupted rotation, or added by hand. If it is not in use, "
            f"run again with --overwrite, or ALTER USER {Identifier(user).sql()} UNSET {taken}. Nothing was changed"
        )
    return Slots(free, used)


def _fingerprint(secret: str, name: str) -> str:
    """The public fingerprint of the private key in the secret."""
    try:
        return KeyPair.of_secret(secret).fingerprint
    except ValueError as error:
        raise CommandError(
            f"secret {name} holds {error}. The slot in use is unknown, so nothing was changed"
        ) from None


def _known(value: object) -> str | None:
    text = str(value or "").strip()
    return None if text in ("", "null") else text
