"""An environment at the place where it runs: every command reaches AWS and Snowflake through it.

The SDKs are imported where they are used, so that no command waits for one that it does not need.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from cli.output import CommandError
from config.files import ConfigError, load_config
from config.model import PipelineConfig
from config.names import EventStream

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

    from producer import Target

_SESSION: dict[str, Any] = {
    "login_timeout": 20,
    "query_timeout": 120,
    "request_timeout": 60,
    # The connector would otherwise keep sessions alive from a thread of its own, and warn about it.
    "client_session_keep_alive": False,
    "enable_server_session_keep_alive_auto_detection": False,
}


class NotDeployedError(CommandError):
    """The environment is the laptop's, and is not deployed there now."""


class Deployment(ABC):
    """One environment, and the way to its AWS and its Snowflake."""

    # Why it is not complete, where that is known.
    unfinished: str | None = None

    def __init__(self, config: PipelineConfig) -> None:
        self.config = config

    @staticmethod
    def of(env: str, *, connection: str | None = None, even_unfinished: bool = False) -> Deployment:
        """The deployment of an environment.

        Args:
            env: its name.
            connection: for an account, which of the person's own connections to Snowflake.
            even_unfinished: for the laptop, a deployment that has failed or is under way will do.

        Raises:
            CommandError: there is no such environment, or its config is not usable.
            NotDeployedError: it is the laptop's, and not deployed there.
        """
        config = load_env(env)
        if not config.laptop:
            return Account(config, connection)
        from cli.laptop import Laptop

        return Laptop.deployed(config, even_unfinished=even_unfinished)

    @property
    @abstractmethod
    def region(self) -> str:
        """The AWS region that it is in."""

    @property
    @abstractmethod
    def snowflake_address(self) -> dict[str, Any]:
        """The connector's parameters that say where its Snowflake is."""

    @abstractmethod
    def _own_login(self) -> dict[str, Any]:
        """The connector's parameters that log the person in."""

    def servers(self) -> dict[str, Any] | None:
        """The servers on this machine that it needs, for scripts; None, if it needs none."""
        return None

    def client(self, service: str) -> Any:
        """A client of an AWS service.

        Raises:
            CommandError: the shell does not say which region or profile.
        """
        import boto3
        from botocore.exceptions import BotoCoreError

        try:
            return boto3.Session(region_name=self.region).client(service)
        except BotoCoreError as error:
            what = str(error).rstrip(".")
            raise CommandError(
                f"cannot use AWS for environment {self.config.env}: {what}; set the credentials as for `cdk deploy`",
                exit_code=2,
            ) from None

    def snowflake(self, role: str | None = None) -> SnowflakeConnection:
        """A session of the person's in the environment's schema, to be closed.

        Raises:
            CommandError: Snowflake cannot be reached or refuses.
        """
        import snowflake.connector

        names = self.config.snowflake
        place = {"database": names.database, "schema": names.schema_name}
        try:
            acting = {"role": role} if role else {}
            return snowflake.connector.connect(**(_SESSION | self._own_login()), **place, **acting)
        except snowflake.connector.Error as error:
            where = f"for environment {self.config.env}" + (f" in role {role}" if role else "")
            raise CommandError(
                f"cannot log in to Snowflake {where}: {error.msg}{self._login_advice()}"
            ) from None

    def log_in_with_key(self, user: str, role: str, private_key: str) -> SnowflakeConnection:
        """A session of a service user, as a Lambda opens it."""
        import snowflake.connector

        login = {"authenticator": "SNOWFLAKE_JWT", "private_key": private_key}
        return snowflake.connector.connect(
            **self.snowflake_address, user=user, role=role, **login, **_SESSION
        )

    def front_door(self, stream: EventStream) -> Target:
        """The stream that takes a kind of event: its Data Stream, or its delivery stream where there is none."""
        from producer import Target

        if self.config.streaming.source == "kinesis":
            return Target(kind="kinesis", name=stream.stream_name, region=self.region)
        return Target(kind="firehose", name=stream.delivery_stream_name, region=self.region)

    def _login_advice(self) -> str:
        return ""


class Account(Deployment):
    """An environment in an account: that of the shell's AWS credentials, and the person's own Snowflake connection."""

    def __init__(self, config: PipelineConfig, connection: str | None = None) -> None:
        super().__init__(config)
        self._connection = connection

    @property
    def region(self) -> str:
        """The config's, or the shell's."""
        if region := self.config.region or shell_region():
            return region
        raise CommandError(
            f"no region for environment {self.config.env}: set region in config/{self.config.env}.toml, or AWS_REGION",
            exit_code=2,
        )

    @property
    def snowflake_address(self) -> dict[str, Any]:
        """The account, and its address where the config names one."""
        names = self.config.snowflake
        return {"account": names.account} | ({"host": names.host} if names.host else {})

    def _own_login(self) -> dict[str, Any]:
        """A connection of connections.toml.

        https://docs.snowflake.com/en/developer-guide/python-connector/python-connector-connect
        """
        from snowflake.connector.config_manager import CONFIG_MANAGER

        # The connector looks for the default itself only where connect() gets no argument at all.
        return {"connection_name": self._connection or str(CONFIG_MANAGER["default_connection_name"])}

    def _login_advice(self) -> str:
        from snowflake.connector.config_manager import CONNECTIONS_FILE

        return (
            f"\nYour own connection is used: define one in {CONNECTIONS_FILE}, and name it with --connection or in "
            "SNOWFLAKE_DEFAULT_CONNECTION_NAME, or call it default"
        )


def load_env(env: str) -> PipelineConfig:
    """The config of one environment.

    Raises:
        CommandError: there is no such environment, or its file is not usable.
    """
    try:
        return load_config(env, chosen_with="--env …")
    except ConfigError as error:
        raise CommandError(str(error), exit_code=2) from None


def event_stream(config: PipelineConfig, events: str) -> EventStream:
    """One kind of event of an environment.

    Raises:
        CommandError: it has none of that name.
    """
    try:
        return config.event_stream(events)
    except ValueError as error:
        raise CommandError(str(error), exit_code=2) from None


def shell_region() -> str | None:
    """The region that the shell or its profile names; boto3 by itself knows AWS_DEFAULT_REGION, not AWS_REGION."""
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        return os.environ.get("AWS_REGION") or boto3.Session().region_name
    except BotoCoreError as error:  # a profile that is not there
        raise CommandError(f"cannot use AWS: {error}", exit_code=2) from None
