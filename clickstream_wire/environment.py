"""What the Lambdas are told: their environment variables, the JSON in some of these, the jobs of the monitor."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypedDict

from clickstream_wire.resources import Name

LoginMethod = Literal["key_pair", "workload_identity"]


class Login(StrEnum):
    """How a Lambda logs in to Snowflake; PORT and PROTOCOL are the laptop's."""

    ACCOUNT = "SNOWFLAKE_ACCOUNT"
    USER = "SNOWFLAKE_USER"
    ROLE = "SNOWFLAKE_ROLE"
    METHOD = "SNOWFLAKE_LOGIN"
    SECRET_ARN = "SNOWFLAKE_LOGIN_SECRET_ARN"  # noqa: S105 - the name of a variable
    WAREHOUSE = "SNOWFLAKE_WAREHOUSE"
    HOST = "SNOWFLAKE_HOST"
    PORT = "SNOWFLAKE_PORT"
    PROTOCOL = "SNOWFLAKE_PROTOCOL"


class Monitor(StrEnum):
    """The monitor's own."""

    DEPLOYMENT = "MONITOR_DEPLOYMENT"
    WINDOW_SECONDS = "MONITOR_WINDOW_SECONDS"
    PIPES = "MONITOR_PIPES"


CANARY_TARGETS = "CANARY_TARGETS"


class JobName(StrEnum):
    """What a schedule has the monitor do, `{"job": …}`."""

    STATUS = "status"
    HISTORY = "history"


class WatchedPipe(TypedDict):
    """An entry of MONITOR_PIPES."""

    events: str
    pipe: Name
    table: Name


class CanaryTarget(TypedDict):
    """An entry of CANARY_TARGETS."""

    events: str
    kind: Literal["kinesis", "firehose"]
    name: str
