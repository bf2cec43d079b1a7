"""Access of every command to an environment's AWS and Snowflake.

The SDKs are imported where they are used, so that no command loads one that it does not need.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cli.output import CommandError
from config.files import ConfigError, load_config
from config.model import PipelineConfig
from config.names import EventStream, StackId

if TYPE_CHECKING:
    import boto3
    from snowflake.connector import SnowflakeConnection

    from producer import Target

LAKE_BUCKET = "LakeBucketName"
"""Output of the Storage stack."""
_SESSION: dict[str, Any] = {
    "login_timeout": 20,
    "query_timeout": 120,
    "request_timeout": 60,
    # The connector would otherwise keep sessions alive from a background thread, and warn about it.
    "client_session_keep_alive": False,
    "enable_server_session_keep_alive_auto_detection": False,
}


class NotDeployedError(CommandError):
    """The environment is the laptop's, and is not deployed there."""


class Deployment(ABC):
    """One environment, with clients for its AWS and its Snowflake."""

    # Why it is incomplete, if known.
    unfinished: str | None = None

    def __init__(self, config: PipelineConfig) -> None:
        self.config = config

    @staticmethod
    def of(env: str, *, connection: str | None = None, even_unfinished: bool = False) -> Deployment:
        """The deployment of an environment.

        Args:
            env: its name.
            connection: for an account, the user's own connection to Snowflake.
            even_unfinished: for the laptop, accept a deployment that has failed or is under way.

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
        """The environment's AWS region."""

    @property
    @abstractmethod
    def snowflake_address(self) -> dict[str, Any]:
        """The connector's parameters for the address of its Snowflake."""

    @abstractmethod
    def _own_login(self) -> dict[str, Any]:
        """The connector's parameters for the user's own login."""

    def servers(self) -> dict[str, Any] | None:
        """The servers on this machine that it needs, for scripts; None if it needs none."""
        return None

    def client(self, service: str) -> Any:
        """A client of an AWS service.

        Raises:
            CommandError: the shell names no region or a wrong profile.
        """
        from botocore.exceptions import BotoCoreError

        try:
            return self._aws.client(service)
        except BotoCoreError as error:
            what = str(error).rstrip(".")
            raise CommandError(
                f"cannot use AWS for environment {self.config.env}: {what}; set the credentials as for `cdk deploy`",
                exit_code=2,
            ) from None

    @cached_property
    def _aws(self) -> boto3.Session:
        """One session, which reads the description of a service once."""
        import boto3

        return boto3.Session(region_name=self.region)

    def snowflake(self, role: str | None = None, *, query_seconds: int = 120) -> SnowflakeConnection:
        """A session of the user in the environment's schema, to be closed by the caller.

        Args:
            role: instead of the user's own.
            query_seconds: the longest that a statement may take.

        Raises:
            CommandError: Snowflake cannot be reached or refuses.
        """
        import snowflake.connector

        names = self.config.snowflake
        place = {"database": names.database, "schema": names.schema_name}
        try:
            acting = {"role": role} if role else {}
            options = _SESSION | self._own_login() | {"query_timeout": query_seconds}
            return snowflake.connector.connect(**options, **place, **acting)
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
        """The stream to send a kind of event to: its Data Stream or, without one, its delivery stream."""
        from producer import Target

        if self.config.streaming.source == "kinesis":
            return Target(kind="kinesis", name=stream.stream_name, region=self.region)
        return Target(kind="firehose", name=stream.delivery_stream_name, region=self.region)

    def lake_bucket(self) -> str:
        """The name of the lake's bucket, an output of the Storage stack.

        Raises:
            CommandError: the stack is not deployed, or CloudFormation cannot be queried.
        """
        name, outputs = self.config.names.stack("Storage"), self.outputs("Storage")
        if outputs is None:
            raise CommandError(f"stack {name} is not deployed, so there is no lake; deploy it first")
        if LAKE_BUCKET not in outputs:
            raise CommandError(f"stack {name} has no output {LAKE_BUCKET}; deploy it again")
        return outputs[LAKE_BUCKET]

    def outputs(self, stack_id: StackId) -> dict[str, str] | None:
        """The outputs of a stack; None if it is not deployed.

        Raises:
            CommandError: CloudFormation cannot be queried.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        name = self.config.names.stack(stack_id)
        try:
            (stack,) = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ValidationError":
                return None
            raise CommandError(f"cannot query CloudFormation for {name}: {error}") from None
        except BotoCoreError as error:
            raise CommandError(f"cannot query CloudFormation for {name}: {error}") from None
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def _login_advice(self) -> str:
        return ""


class Account(Deployment):
    """An environment in an AWS account, used with the shell's credentials and the user's Snowflake connection."""

    def __init__(self, config: PipelineConfig, connection: str | None = None) -> None:
        super().__init__(config)
        self._connection = connection

    @property
    def region(self) -> str:
        """The region of the config, or of the shell."""
        if region := self.config.region or shell_region():
            return region
        raise CommandError(
            f"no region for environment {self.config.env}: set region in config/{self.config.env}.toml, or AWS_REGION",
            exit_code=2,
        )

    @property
    def snowflake_address(self) -> dict[str, Any]:
        """The account, and its host if the config names one."""
        names = self.config.snowflake
        return {"account": names.account} | ({"host": names.host} if names.host else {})

    def _own_login(self) -> dict[str, Any]:
        """A connection of connections.toml.

        https://docs.snowflake.com/en/developer-guide/python-connector/python-connector-connect
        """
        from snowflake.connector.config_manager import CONFIG_MANAGER

        # The connector uses the default connection only if connect() has no arguments.
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
    """The region set by the shell or its profile; boto3 reads AWS_DEFAULT_REGION, but not AWS_REGION."""
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        return os.environ.get("AWS_REGION") or boto3.Session().region_name
    except BotoCoreError as error:  # a profile that does not exist
        raise CommandError(f"cannot use AWS: {error}", exit_code=2) from None
