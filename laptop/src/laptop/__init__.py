"""An AWS emulator and a Snowflake stand-in on loopback, for deployments that need no account."""

from __future__ import annotations

from laptop.cloud.cloud import LaptopCloud
from laptop.cloud.errors import LaptopCloudError

__all__ = ["LaptopCloud", "LaptopCloudError"]
