"""The wait until S3 announces by a bucket's changed notifications."""

from __future__ import annotations

import time

import pytest

from clickstream_wire.environment import S3_NOTIFICATION_SECONDS
from clickstream_wire.resources import NOTIFICATION_DELAY
from snowflake_setup import handler


class Context:
    aws_request_id = "req-1"

    def get_remaining_time_in_millis(self) -> int:
        return 600_000


@pytest.mark.parametrize(
    ("request_type", "told", "waited"),
    [("Create", None, [360]), ("Update", None, [360]), ("Update", "1", [1.2]), ("Delete", None, [])],
)
def test_it_waits_longer_than_s3_usually_takes_and_needs_no_login(
    monkeypatch: pytest.MonkeyPatch, request_type: str, told: str | None, waited: list[float]
) -> None:
    monkeypatch.delenv(S3_NOTIFICATION_SECONDS, raising=False)
    if told:
        monkeypatch.setenv(S3_NOTIFICATION_SECONDS, told)
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    event = {"RequestType": request_type, "ResourceType": NOTIFICATION_DELAY, "LogicalResourceId": "Delay"}
    if request_type != "Create":
        event["PhysicalResourceId"] = "Delay"
    assert handler.on_event(event, Context()) == {"PhysicalResourceId": "Delay"}
    assert slept == waited
