"""Clients of AWS."""

from __future__ import annotations

from typing import Any

_CONNECT_SECONDS = 2
_READ_SECONDS = 4
_ATTEMPTS = 2


def aws_client(service: str) -> Any:
    """A client that gives up early enough to report it."""
    import boto3
    from botocore.config import Config

    retries: Any = {"mode": "standard", "total_max_attempts": _ATTEMPTS}
    config = Config(connect_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS, retries=retries)
    return boto3.client(service, config=config)
