"""Clients of AWS for an environment: of the laptop's, or of the account that the shell is set up for."""

from __future__ import annotations

import os
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError

from cli.laptop import aws_session
from cli.output import CommandError
from config.model import PipelineConfig
from laptop.cloud.cloud import LaptopCloud


def shell_region() -> str | None:
    """The region that the shell or its profile names; boto3 by itself knows AWS_DEFAULT_REGION, not AWS_REGION."""
    return os.environ.get("AWS_REGION") or boto3.Session().region_name


def client_for(config: PipelineConfig, cloud: LaptopCloud | None, service: str) -> Any:
    """A client of one service; `cloud` is the laptop's, for an environment that runs there.

    Raises:
        CommandError: the shell does not say which region or profile.
    """
    if cloud:
        endpoint = cloud.environment()["AWS_ENDPOINT_URL"]
        return aws_session(cloud).client(service, endpoint_url=endpoint)
    try:
        return boto3.Session(region_name=config.region or shell_region()).client(service)
    except BotoCoreError as error:
        raise CommandError(
            f"cannot use AWS for environment {config.env}: {error} Set region in config/{config.env}.toml or AWS_REGION, "
            "and the credentials as for `cdk deploy`",
            exit_code=2,
        ) from None
