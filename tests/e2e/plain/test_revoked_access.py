"""Snowpipe's access to the lake is revoked and restored: an alarm fires, nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from tests.e2e.laptop import Laptop, eventually
from tests.e2e.plain.conftest import ENV

USER = f"clickstream-{ENV}-snowpipe"


@contextmanager
def without_the_policy(iam: Any) -> Iterator[None]:
    (group,) = iam.list_groups_for_user(UserName=USER)["Groups"]
    (policy,) = iam.list_attached_group_policies(GroupName=group["GroupName"])["AttachedPolicies"]
    which = {"GroupName": group["GroupName"], "PolicyArn": policy["PolicyArn"]}
    iam.detach_group_policy(**which)
    yield
    iam.attach_group_policy(**which)


@contextmanager
def without_the_key(iam: Any) -> Iterator[None]:
    (key,) = iam.list_access_keys(UserName=USER)["AccessKeyMetadata"]
    which = {"UserName": USER, "AccessKeyId": key["AccessKeyId"]}
    iam.update_access_key(**which, Status="Inactive")
    yield
    iam.update_access_key(**which, Status="Active")


@pytest.mark.parametrize("revoked", [without_the_policy, without_the_key])
def test_the_pipe_stalls_and_resumes_by_itself(
    running: Laptop, revoked: Callable[[Any], AbstractContextManager[None]]
) -> None:
    rows, distinct = running.rows()
    with revoked(running.client("iam")):
        running.run("send", "--count", "20", "--env", ENV)
        eventually(lambda: status(running)["executionState"] == "STALLED_STAGE_PERMISSION_ERROR")
        stalled = status(running)
        assert stalled["pendingFileCount"] >= 1
        assert "Failure using stage area" in stalled["error"]
        assert running.rows() == (rows, distinct)
    running.arrived(rows + 20, distinct + 20)
    recovered = status(running)
    assert (recovered["executionState"], recovered["pendingFileCount"]) == ("RUNNING", 0)


def test_an_alarm_fires_until_access_is_restored(running: Laptop) -> None:
    cloudwatch = running.client("cloudwatch")
    eventually(lambda: alarm(cloudwatch) == "OK")
    with without_the_policy(running.client("iam")):
        running.run("send", "--count", "1", "--env", ENV)
        eventually(lambda: alarm(cloudwatch) == "ALARM")
    eventually(lambda: alarm(cloudwatch) == "OK")


def alarm(cloudwatch: Any) -> str:
    name = f"clickstream-{ENV}-clicks-pipe-not-running"
    (found,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(found["StateValue"])


def status(laptop: Laptop) -> dict[str, Any]:
    (row,) = laptop.query("SELECT SYSTEM$PIPE_STATUS('CLICK_EVENTS_PIPE') AS s")
    found: dict[str, Any] = json.loads(row["S"])
    return found
