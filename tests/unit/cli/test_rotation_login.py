"""Login rotation: if any step fails, the key in the secret still fits one of the user's two key slots."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import snowflake.connector
import typer.testing
from botocore.exceptions import ClientError, ReadTimeoutError
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from cli import keys
from cli.keys import KeyPair
from cli.login_rotation import SLOTS, LoginRotation
from cli.main import app
from cli.output import CommandError

FIRST, SECOND = SLOTS


@dataclass
class World:
    """One user with two key slots, and the secret; statements that contain `refuse` fail."""

    slots: dict[str, str | None]
    secret: str
    versions: int = 0
    refuse: str = "nothing"
    refuse_storing: bool = False
    lose_answer: bool = False
    refuse_login: bool = False
    sent: list[str] = field(default_factory=list)

    def login_works(self) -> bool:
        """True if the Lambda can log in."""
        return fingerprint(self.secret) in self.fingerprints()

    def fingerprints(self) -> list[str]:
        return [KeyPair("", body).fingerprint for body in self.slots.values() if body]

    # as a session

    def cursor(self, cursor_class: Any = None) -> World:
        return self

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __iter__(self) -> Iterator[dict[str, str]]:
        for slot, body in self.slots.items():
            shown = KeyPair("", body).fingerprint if body else "null"
            yield {"property": f"{slot}_FP", "value": shown}

    def execute(self, sql: str) -> None:
        self.sent.append(sql)
        if self.refuse in sql:
            raise snowflake.connector.ProgrammingError(msg="Insufficient privileges", errno=3001)
        words = sql.split()
        if "UNSET" in words:
            self.slots[words[-1]] = None
        elif "SET" in words:
            self.slots[words[4]] = words[-1].strip("'")

    # as Secrets Manager

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803
        return {"SecretString": self.secret}

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> dict[str, str]:  # noqa: N803
        if self.refuse_storing:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "PutSecretValue")
        self.secret = SecretString
        if self.lose_answer:
            raise ReadTimeoutError(endpoint_url="https://secretsmanager")
        self.versions += 1
        return {"VersionId": f"v{self.versions}"}

    def log_in(self, private_key: str) -> None:
        if (
            self.refuse_login
            or fingerprint(json.dumps({"private_key": private_key})) not in self.fingerprints()
        ):
            raise snowflake.connector.DatabaseError(msg="JWT token is invalid", errno=390144)


def fingerprint(secret: str) -> str:
    key = load_pem_private_key(json.loads(secret)["private_key"].encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return KeyPair.of(key).fingerprint


@pytest.fixture(autouse=True, scope="module")
def quick_keys() -> Iterator[None]:
    """Generate short keys, which is fast."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "BITS", 1024)
        yield


@pytest.fixture(scope="module")
def pairs() -> list[KeyPair]:
    return [KeyPair.new() for _ in range(2)]


@pytest.fixture
def world(pairs: list[KeyPair]) -> World:
    old = pairs[0]
    return World({FIRST: old.public_body, SECOND: None}, json.dumps({"private_key": old.private_pem}))


def rotation(world: World) -> LoginRotation:
    anything: Any = world
    return LoginRotation(
        admin=anything, user="DEPLOY", secrets=anything, secret_id="login", log_in=world.log_in
    )


def rotate(world: World, *, overwrite: bool = False) -> None:
    found = rotation(world)
    found.carry_out(found.look(overwrite=overwrite))


def test_the_new_key_is_in_the_free_slot_and_the_old_one_is_removed(world: World) -> None:
    before = world.secret
    rotate(world)
    assert world.slots[FIRST] is None
    assert world.login_works()
    assert world.secret != before
    rotate(world)
    assert world.slots[SECOND] is None, "the next rotation goes back to the first slot"
    assert world.login_works()


def forbid_setting(world: World) -> None:
    world.refuse = f"SET {SECOND}"


def forbid_login(world: World) -> None:
    world.refuse_login = True


def forbid_storing(world: World) -> None:
    world.refuse_storing = True


def test_an_answer_lost_after_storing_keeps_both_slots(world: World) -> None:
    """The secret already holds the new key: removing its public key would lock the Lambda out."""
    world.lose_answer = True
    with pytest.raises(CommandError, match="store it as a new version"):
        rotate(world)
    assert world.login_works()
    assert all(world.slots.values())


@pytest.mark.parametrize("forbid", [forbid_setting, forbid_login, forbid_storing])
def test_a_failure_before_the_secret_changes_nothing(world: World, forbid: Callable[[World], None]) -> None:
    before = world.secret, dict(world.slots)
    forbid(world)
    with pytest.raises(CommandError, match=r"the login is unchanged|the old key still works"):
        rotate(world)
    assert (world.secret, world.slots) == before


def test_a_failure_to_clear_the_slot_leaves_both_keys_with_advice(world: World) -> None:
    world.refuse = "UNSET"
    with pytest.raises(CommandError, match=r'ALTER USER "DEPLOY" UNSET RSA_PUBLIC_KEY$'):
        rotate(world)
    assert world.login_works()
    assert all(world.slots.values())


def test_a_slot_with_an_unknown_key_is_overwritten_only_on_request(
    world: World, pairs: list[KeyPair]
) -> None:
    world.slots[SECOND] = pairs[1].public_body
    with pytest.raises(CommandError, match="--overwrite"):
        rotate(world)
    assert world.slots[SECOND] == pairs[1].public_body
    rotate(world, overwrite=True)
    assert world.login_works()
    assert world.slots[FIRST] is None


def test_a_secret_whose_key_fits_no_slot_is_repaired(world: World, pairs: list[KeyPair]) -> None:
    world.secret = json.dumps({"private_key": pairs[1].private_pem})
    rotate(world)
    assert world.login_works()
    assert world.slots[FIRST] == pairs[0].public_body, "the unknown key is kept"


def test_a_secret_without_a_key_is_reported_without_its_content(world: World) -> None:
    world.secret = json.dumps({"private_key": "hunter2-hunter2"})
    with pytest.raises(CommandError, match="no readable RSA key") as caught:
        rotate(world)
    assert "hunter2" not in str(caught.value)


def test_a_dry_run_changes_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    found = rotation(world)
    found.rehearse(found.look(overwrite=False))
    assert world.sent == ['DESC USER "DEPLOY"']
    assert world.versions == 0
    assert "would ALTER USER" in capsys.readouterr().err


def test_no_private_key_is_printed(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    rotate(world)
    printed = "".join(capsys.readouterr())
    assert "PRIVATE KEY" not in printed
    assert json.loads(world.secret)["private_key"][100:150] not in printed


def test_an_environment_without_keys_is_refused_with_the_reason() -> None:
    result = typer.testing.CliRunner().invoke(app, ["rotate-login", "--env", "dev"])
    assert isinstance(result.exception, CommandError)
    assert result.exception.exit_code == 2
    assert "workload identity" in str(result.exception)
