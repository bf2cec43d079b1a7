"""Settings that point programs at the laptop cloud and away from a real account."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from laptop.cloud.ports import LOOPBACK

_REAL_ACCOUNTS = ("AWS_", "SNOWFLAKE_")
CONNECTION = "laptop"
"""The stand-in's name among the connections of Snowflake's clients."""


def client_environment(*, aws_port: int, region: str) -> dict[str, str]:
    """Variables that make AWS clients, such as the CDK CLI, use the emulator and nothing else."""
    endpoint = f"http://{LOOPBACK}:{aws_port}"
    return without_proxy(os.environ) | {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        # A profile's endpoint or certificate bundle would override the above.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def without_proxy(environment: Mapping[str, str]) -> dict[str, str]:
    """Variables that exclude addresses of this machine from a proxy."""
    return {
        name: ",".join([*filter(None, environment.get(name, "").split(",")), LOOPBACK, "localhost"])
        for name in ("NO_PROXY", "no_proxy")
    }


def without_real_accounts(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment` without settings of a real AWS or Snowflake account."""
    return {name: value for name, value in environment.items() if not name.startswith(_REAL_ACCOUNTS)}


def snowflake_environment(home: Path) -> dict[str, str]:
    """Variables that make clients of Snowflake use the connection in `home` by default.

    https://docs.snowflake.com/en/developer-guide/snowflake-cli/connecting/configure-cli
    """
    return {"SNOWFLAKE_HOME": str(home), "SNOWFLAKE_DEFAULT_CONNECTION_NAME": CONNECTION}


def connections_file(*, port: int, private_key: Path, **place: str) -> str:
    """The text of a `connections.toml` with one connection, as the stand-in's administrator.

    Args:
        port: the stand-in's.
        private_key: PEM file of the administrator.
        place: database and schema, if any.
    """
    settings = connection_settings(port=port, private_key=str(private_key))
    shown = ("account", "user", "authenticator", "host", "port", "protocol")
    given = {name: settings[name] for name in shown} | {"private_key_file": str(private_key)} | place
    # Strings and numbers are written alike in JSON and TOML.
    return "\n".join(
        [f"[{CONNECTION}]", *(f"{name} = {json.dumps(value)}" for name, value in given.items()), ""]
    )


def connection_settings(*, port: int, private_key: str, user: str = "ADMIN") -> dict[str, Any]:
    """The arguments of `snowflake.connector.connect` for the stand-in.

    Args:
        port: its port.
        private_key: PEM text, of the user.
        user: every stand-in has an ADMIN.
    """
    return {
        "account": "local",
        "user": user,
        "authenticator": "SNOWFLAKE_JWT",
        "private_key": private_key,
        "host": LOOPBACK,
        "port": port,
        "protocol": "http",
        # The connector would otherwise keep sessions alive from another thread, and warn about it.
        "client_session_keep_alive": False,
        "enable_server_session_keep_alive_auto_detection": False,
    }
