"""A plan before a deployment, drift after a manual change, and key rotation under traffic."""

from __future__ import annotations

import pytest

from tests.e2e.laptop import Laptop, as_json
from tests.e2e.plain.conftest import ENV
from tests.e2e.templates import raise_serial

STACK = f"clickstream-{ENV}-Landing"
Plan = tuple[str, ...]


@pytest.fixture
def plan(running: Laptop) -> Plan:
    """`clickstream plan` for the deployed templates."""
    return ("plan", "--env", ENV, "--assembly", str(running.assembly))


def test_a_plan_is_empty_until_an_object_is_changed_by_hand(running: Laptop, plan: Plan) -> None:
    assert as_json(running.run(*plan, "--json"))["steps"] == []
    live = as_json(running.run(*plan, "--live", "--json"))
    assert (live["steps"], live["drift"]) == ([], [])
    running.query("ALTER FILE FORMAT CLICK_EVENTS_JSON SET MULTI_LINE = TRUE")
    drifted = running.run(*plan, "--live", code=3)
    assert 'ALTER FILE FORMAT "CLICKSTREAM_LOCAL_DIRECT"."RAW"."CLICK_EVENTS_JSON" SET' in drifted
    running.query("ALTER FILE FORMAT CLICK_EVENTS_JSON SET MULTI_LINE = FALSE")


def test_all_keys_are_rotated_under_traffic(running: Laptop, plan: Plan) -> None:
    rows, distinct = running.rows()
    (old_key,) = access_keys(running)
    with running.traffic(ENV) as sent:
        running.run("rotate-login", "--env", ENV, "--dry-run")
        rotated = [as_json(running.run("rotate-login", "--env", ENV, "--json")) for _ in range(2)]
        assert [one["slot"] for one in rotated] == ["RSA_PUBLIC_KEY_2", "RSA_PUBLIC_KEY"]
        watcher = as_json(running.run("rotate-login", "--env", ENV, "--login", "monitor", "--json"))
        assert (watcher["user"], watcher["slot"]) == ("CLICKSTREAM_LOCAL_DIRECT_MONITOR", "RSA_PUBLIC_KEY_2")
        running.update(STACK, raise_serial)  # the Lambda logs in with the rotated key
        (new_key,) = access_keys(running)
        assert new_key != old_key
    running.arrived(rows + sent[0], distinct + sent[0])
    assert as_json(running.run(*plan, "--live", "--json"))["drift"] == []


def access_keys(laptop: Laptop) -> list[str]:
    listed = laptop.client("iam").list_access_keys(UserName=f"clickstream-{ENV}-snowpipe")
    return [key["AccessKeyId"] for key in listed["AccessKeyMetadata"]]
