"""The newest files of the event lake, as S3 lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol

from clickstream_wire.folders import HOUR_FOLDER
from pipeline_monitor.clients import aws_client
from pipeline_monitor.errors import MonitorError

DAY = timedelta(hours=24)
# The folders of fewer hours are listed if those asked for hold more files than a run can compare.
_SHORTER = (timedelta(hours=6), timedelta(hours=1))
_MOST_FILES = 10_000
# A request returns at most 1,000 keys, in the order of their names, and so of their hours.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
_DAYS = HOUR_FOLDER.partition("%")[0]


Files = Mapping[str, datetime]
"""The time at which each file was written, by its path in the data prefix: `dt=…/hh=…/<name>`."""


@dataclass(frozen=True)
class Landed:
    """The files in a kind of event's folders of the hours since `since`.

    Args:
        since: the first of those hours.
        files: the time at which each was written, by its path in the data prefix: `dt=…/hh=…/<name>`.
    """

    since: datetime
    files: Files


class Lake(Protocol):
    """The event lake; a test brings its own."""

    def landed(self, prefix: str, now: datetime, reach: timedelta = DAY) -> Landed:
        """The files under a data prefix in the folders of that time.

        Raises:
            MonitorError: they could not be listed.
        """


class EventLake:
    """The event lake in S3.

    Args:
        bucket: its bucket.
    """

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def landed(self, prefix: str, now: datetime, reach: timedelta = DAY) -> Landed:
        """The files of that time under a data prefix, or of a shorter one if there are more than 10,000.

        Raises:
            MonitorError: they could not be listed.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            for shorter in (reach, *(each for each in _SHORTER if each < reach)):
                landed, is_complete = self._listed(prefix, now - shorter)
                if is_complete:
                    break
        except (ClientError, BotoCoreError) as error:
            raise MonitorError(f"s3://{self._bucket}/{prefix} was not listed: {error}") from None
        return landed

    @cached_property
    def _s3(self) -> Any:
        return aws_client("s3")

    def _listed(self, prefix: str, since: datetime) -> tuple[Landed, bool]:
        """The files since that hour, the oldest first, and whether these are all."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=f"{prefix}{_DAYS}", StartAfter=f"{prefix}{since:{HOUR_FOLDER}}"
        )
        files: dict[str, datetime] = {}
        for page in pages:
            for entry in page.get("Contents", ()):
                files[entry["Key"].removeprefix(prefix)] = entry["LastModified"]
            if len(files) >= _MOST_FILES:
                break
        hour = since.replace(minute=0, second=0, microsecond=0)
        return Landed(hour, files), len(files) < _MOST_FILES
