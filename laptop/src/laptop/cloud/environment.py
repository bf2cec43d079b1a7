"""The environment that points programs at the laptop cloud, and keeps a real account out of it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from laptop.cloud.ports import LOOPBACK

_REAL_ACCOUNTS = ("AWS_", "SNOWFLAKE_")


def client_environment(*, aws_port: int, region: str) -> dict[str, str]:
    """What AWS clients, the CDK CLI among them, need to find the emulator and nothing else."""
    endpoint = f"http://{LOOPBACK}:{aws_port}"
    proxies = {
        name: ",".join([*filter(None, os.environ.get(name, "").split(",")), LOOPBACK, "localhost"])
        for name in ("NO_PROXY", "no_proxy")
    }
    return proxies | {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        # A profile's endpoint or certificate bundle would win over the above.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def without_real_accounts(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment` less every setting of a real AWS or Snowflake account."""
    return {name: value for name, value in environment.items() if not name.startswith(_REAL_ACCOUNTS)}
