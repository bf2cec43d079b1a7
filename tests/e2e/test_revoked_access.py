"""Snowpipe's access to the lake is taken away under a running pipeline and given back: nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from laptop.testing.waiting import eventually
from tests.e2e.conftest import Laptop

USER = "clickstream-local-snowpipe"


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
def test_the_pipe_stalls_and_goes_on_by_itself(
    running: Laptop, revoked: Callable[[Any], AbstractContextManager[None]]
) -> None:
    before = rows(running)
    with revoked(running.client("iam")):
        running.run("send", "--count", "20")
        eventually(lambda: status(running)["executionState"] == "STALLED_STAGE_PERMISSION_ERROR", within=60)
        stalled = status(running)
        assert stalled["pendingFileCount"] >= 1
        assert "Failure using environment area" in stalled["error"]
        assert rows(running) == before
    eventually(lambda: rows(running) == before + 20, within=60)
    recovered = status(running)
    assert (recovered["executionState"], recovered["pendingFileCount"]) == ("RUNNING", 0)


def rows(laptop: Laptop) -> int:
    (row,) = laptop.query("SELECT COUNT(*) AS n FROM click_events WHERE NOT STARTSWITH(event_type, '_')")
    return int(row["N"])


def status(laptop: Laptop) -> dict[str, Any]:
    (row,) = laptop.query("SELECT SYSTEM$PIPE_STATUS('CLICK_EVENTS_PIPE') AS s")
    found: dict[str, Any] = json.loads(row["S"])
    return found
