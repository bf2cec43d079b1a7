"""The laptop cloud: an AWS emulator and a Snowflake stand-in on loopback, to run real deployments without an account.

with LaptopCloud() as cloud:
environment = cloud.environment()  # for AWS clients and the CDK CLI
session = snowflake.connector.connect(**cloud.snowflake_connection())
"""

from laptop.cloud.cloud import LaptopCloud
from laptop.cloud.errors import (
    AlreadyRunningError,
    BusyError,
    LaptopCloudError,
    NotRunningError,
    ServerFailedError,
)
from laptop.cloud.status import CloudStatus, ServerStatus

__all__ = [
    "AlreadyRunningError",
    "BusyError",
    "CloudStatus",
    "LaptopCloud",
    "LaptopCloudError",
    "NotRunningError",
    "ServerFailedError",
    "ServerStatus",
]
