"""`clickstream query` for an account uses the user's own connection, found as Snowflake's other tools find it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from laptop.testing.snowflake import Account

ROOT = Path(__file__).parents[3]
ENV = '[snowflake]\naccount = "acme"\ndatabase = "DB"\nschema = "RAW"\n'
Ask = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def ask(account: Account, tmp_path: Path) -> Ask:
    """`clickstream query` against environment `acme`, by a user with connections `default`, `second` and `third`."""
    home, config = tmp_path / "home", tmp_path / "config"
    for folder in (home, config):
        folder.mkdir()
    (config / "acme.toml").write_text(ENV)
    (home / "key.pem").write_text(account.admin.private)
    (home / "connections.toml").write_text(
        "\n".join(
            connection(name, role, account.server.port, home / "key.pem")
            for name, role in {"default": "PUBLIC", "second": "SYSADMIN", "third": "USERADMIN"}.items()
        )
    )
    for path in home.iterdir():
        path.chmod(0o600)

    def query(*options: str, **settings: str) -> subprocess.CompletedProcess[str]:
        statement = ("query", "--env", "acme", "--json", "SELECT CURRENT_ROLE()")
        own = {"SNOWFLAKE_HOME": str(home), "CLICKSTREAM_CONFIG": str(config)}
        return subprocess.run(
            [sys.executable, "-m", "cli.main", *statement, *options],
            cwd=ROOT,
            env={**os.environ, **own, **settings},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return query


def connection(name: str, role: str, port: int, key: Path) -> str:
    """A section of connections.toml for the stand-in."""
    return f"""[{name}]
account = "local"
user = "ADMIN"
role = "{role}"
authenticator = "SNOWFLAKE_JWT"
private_key_file = "{key}"
host = "127.0.0.1"
port = {port}
protocol = "http"
"""


@pytest.mark.parametrize(
    ("options", "settings", "role"),
    [
        ((), {}, "PUBLIC"),
        ((), {"SNOWFLAKE_DEFAULT_CONNECTION_NAME": "second"}, "SYSADMIN"),
        (("--connection", "third"), {"SNOWFLAKE_DEFAULT_CONNECTION_NAME": "second"}, "USERADMIN"),
    ],
)
def test_the_connection_is_the_named_one_or_the_default(
    ask: Ask, options: tuple[str, ...], settings: dict[str, str], role: str
) -> None:
    done = ask(*options, **settings)
    assert f'"{role}"' in done.stdout, done.stderr


def test_a_missing_connection_is_an_error_with_advice(ask: Ask, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    done = ask(SNOWFLAKE_HOME=str(empty))
    assert done.returncode == 1
    for told in ("Connection 'default' not found", str(empty / "connections.toml"), "--connection"):
        assert told in done.stderr
