"""AWS regions that a deployment may be in."""

from __future__ import annotations

import re

# Spelled out, so that a typo such as eu-wets-1 is refused.
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)?-(north|south|east|west|central|(north|south)(east|west))-[0-9]")
# China, GovCloud, isolated regions, the European Sovereign Cloud.
_OTHER_PARTITIONS = ("cn-", "us-gov-", "us-iso", "eu-isoe-", "eusc-")


def supported_region(region: str) -> str:
    """The region as it is, or "" for that of the shell.

    Raises:
        ValueError: there is no such region, or it is one in which Snowflake uses other URLs and providers for buckets:
            https://docs.snowflake.com/en/sql-reference/sql/create-stage,
            https://docs.snowflake.com/en/sql-reference/sql/create-storage-integration.
    """
    if region.startswith(_OTHER_PARTITIONS):
        raise ValueError(
            "not supported: outside AWS's standard partition Snowflake has other URLs and providers for buckets, such "
            "as s3china:// and s3gov://, or no account at all"
        )
    if region and not _REGION.fullmatch(region):
        raise ValueError(
            "does not fit: AWS region such as eu-west-1; empty: that of AWS_REGION or the profile"
        )
    return region
