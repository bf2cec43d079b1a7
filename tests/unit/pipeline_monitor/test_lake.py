"""The files of the lake as S3 lists them: the newest folders, as many as a run can compare."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pipeline_monitor import lake
from pipeline_monitor.errors import MonitorError
from pipeline_monitor.lake import EventLake

NOW = datetime(2026, 11, 23, 0, 20, tzinfo=UTC)


class S3:
    """Lists keys as S3 does: in the order of their names, two a page."""

    def __init__(self, *keys: str) -> None:
        self.keys = sorted(keys)
        self.requests = 0

    def get_paginator(self, operation: str) -> S3:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, **given: str) -> Iterator[dict[str, Any]]:
        assert given["Bucket"] == "bucket"
        keys = [key for key in self.keys if key.startswith(given["Prefix"]) and key > given["StartAfter"]]
        for at in range(0, len(keys) or 1, 2):
            self.requests += 1
            yield (
                {"Contents": [{"Key": key, "LastModified": NOW} for key in keys[at : at + 2]]} if keys else {}
            )


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Any:
    def list_of(s3: Any) -> Any:
        monkeypatch.setattr(lake, "aws_client", lambda service: {"s3": s3}[service])
        return EventLake("bucket").landed("events/", NOW)

    return list_of


def test_a_day_is_listed_by_hours_and_nothing_else(listed: Any) -> None:
    within = ["dt=2026-11-22/hh=00/old.gz", "dt=2026-11-22/hh=23/b.gz", "dt=2026-11-23/hh=00/c.gz"]
    outside = ["dt=2026-11-21/hh=23/a.gz", "foreign/1.gz"]
    found = listed(S3(*(f"events/{path}" for path in within + outside), "orders/dt=2026-11-22/hh=23/o.gz"))
    assert found.since == datetime(2026, 11, 22, 0, tzinfo=UTC)
    assert found.files == dict.fromkeys(within, NOW)


def test_an_empty_lake_has_no_files(listed: Any) -> None:
    assert listed(S3()).files == {}


def test_of_too_many_files_those_of_fewer_hours_are_compared(
    listed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lake, "_MOST_FILES", 4)
    hours = [f"events/{NOW - timedelta(hours=number):dt=%Y-%m-%d/hh=%H}/f.gz" for number in range(24)]
    s3 = S3(*hours)
    found = listed(s3)
    assert found.since == NOW.replace(minute=0) - timedelta(hours=1)
    assert len(found.files) == 2
    assert s3.requests == 5


def test_a_lake_that_cannot_be_listed_is_named(listed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Denied(S3):
        def paginate(self, **_: str) -> Iterator[dict[str, Any]]:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListObjectsV2")

    with pytest.raises(MonitorError, match=r"s3://bucket/events/ was not listed: .*AccessDenied"):
        listed(Denied())
