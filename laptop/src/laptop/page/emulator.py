"""The page's client of the AWS emulator: dashboards, metrics, alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from laptop.page.definition import Dashboard, parse_dashboard

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

# A page on screen should report a missing answer rather than wait.
_CONFIG = Config(
    connect_timeout=1, read_timeout=10, retries={"total_max_attempts": 1}, max_pool_connections=50
)


class Emulator:
    """AWS clients configured by the environment: endpoint, region, keys."""

    def __init__(self) -> None:
        self.cloudwatch: CloudWatchClient = boto3.client("cloudwatch", config=_CONFIG)

    def dashboards(self) -> list[Dashboard]:
        """All deployed dashboards."""
        pages = self.cloudwatch.get_paginator("list_dashboards").paginate()
        names = [entry["DashboardName"] for page in pages for entry in page["DashboardEntries"]]
        return [self.dashboard(name) for name in names]

    def dashboard(self, name: str) -> Dashboard:
        """One dashboard."""
        body = self.cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]
        return parse_dashboard(name, body)
