"""Sessions in Snowflake: the laptop's stand-in, or a person's own connection to the real one."""

from __future__ import annotations

import os
from typing import Any

import snowflake.connector
from snowflake.connector import SnowflakeConnection
from snowflake.connector.config_manager import CONFIG_MANAGER, CONNECTIONS_FILE
from snowflake.connector.cursor import SnowflakeCursor

from cli.output import CommandError
from config.model import PipelineConfig
from laptop.cloud.cloud import LaptopCloud

_COMMON: dict[str, Any] = {
    "login_timeout": 20,
    "query_timeout": 120,
    "request_timeout": 60,
    # The connector would otherwise keep sessions alive from a thread of its own, and warn about it.
    "client_session_keep_alive": False,
    "enable_server_session_keep_alive_auto_detection": False,
}


def connect_laptop(cloud: LaptopCloud) -> SnowflakeConnection:
    """A session of the administrator that every stand-in has."""
    host, port = cloud.snowflake_address
    # The connector would ask the clouds' metadata addresses which of them it runs in.
    os.environ["SNOWFLAKE_DISABLE_PLATFORM_DETECTION"] = "true"
    return snowflake.connector.connect(
        account="local",
        user="ADMIN",
        authenticator="SNOWFLAKE_JWT",
        private_key=cloud.admin_private_key.read_text(),
        host=host,
        port=port,
        protocol="http",
        **_COMMON,
    )


def one_row(cursor: SnowflakeCursor, sql: str) -> tuple[Any, ...]:
    """The row of a statement that always has one."""
    row = cursor.execute(sql).fetchone()
    if not isinstance(row, tuple):
        raise CommandError(f"Snowflake answered nothing to: {sql}")
    return row


def connect_account(config: PipelineConfig, connection_name: str | None) -> SnowflakeConnection:
    """A session of the person's own, as set up in Snowflake's connections.toml.

    https://docs.snowflake.com/en/developer-guide/python-connector/python-connector-connect

    Args:
        config: of the environment, whose database and schema the session is in.
        connection_name: which of the person's connections; by default the one that Snowflake's tools take.

    Raises:
        CommandError: the connection is not defined or Snowflake refuses it.
    """
    try:
        # The connector looks for the default itself only where connect() gets no argument at all.
        name = connection_name or str(CONFIG_MANAGER["default_connection_name"])
        return snowflake.connector.connect(
            connection_name=name,
            database=config.snowflake.database,
            schema=config.snowflake.schema_name,
            **_COMMON,
        )
    except snowflake.connector.Error as error:
        raise CommandError(
            f"cannot log in to Snowflake for environment {config.env}: {error.msg}\n"
            f"Your own connection is used: define one in {CONNECTIONS_FILE}, and name it with --connection or in "
            "SNOWFLAKE_DEFAULT_CONNECTION_NAME, or call it default"
        ) from None
