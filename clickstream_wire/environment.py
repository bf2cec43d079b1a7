"""Input of the Lambdas: environment variables, the JSON in some of them, the monitor's jobs."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NotRequired, TypedDict

from clickstream_wire.resources import Name

LoginMethod = Literal["key_pair", "workload_identity"]


class Login(StrEnum):
    """Variables of a Lambda's login to Snowflake; PORT and PROTOCOL are for the laptop cloud only."""

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
    """Variables of the monitor."""

    DEPLOYMENT = "MONITOR_DEPLOYMENT"
    WINDOW_SECONDS = "MONITOR_WINDOW_SECONDS"
    BUCKET = "MONITOR_BUCKET"
    FILE_AGE_SECONDS = "MONITOR_FILE_AGE_SECONDS"
    PIPES = "MONITOR_PIPES"


CANARY_TARGETS = "CANARY_TARGETS"
CANARY_DEPLOYMENT = "CANARY_DEPLOYMENT"

S3_NOTIFICATION_SECONDS = "S3_NOTIFICATION_SECONDS"
"""The seconds until a bucket's changed notifications take effect; set by the laptop cloud only, whose S3 is faster."""


class Gate(StrEnum):
    """Variables of the event gate."""

    DEPLOYMENT = "GATE_DEPLOYMENT"
    EVENTS = "GATE_EVENTS"
    BUCKET = "GATE_BUCKET"
    REJECT_PREFIX = "GATE_REJECT_PREFIX"


CONTRACT_FILE = "contract.json"
"""The gate's contract, at the root of its bundle."""


class JobName(StrEnum):
    """Jobs of the monitor, named in the schedule's event: `{"job": …}`."""

    STATUS = "status"
    HISTORY = "history"


class WatchedPipe(TypedDict):
    """An entry of MONITOR_PIPES."""

    events: str
    pipe: Name
    table: Name
    data_prefix: str
    schema_evolution: NotRequired[bool]


class CanaryTarget(TypedDict):
    """An entry of CANARY_TARGETS."""

    events: str
    kind: Literal["kinesis", "firehose"]
    name: str
