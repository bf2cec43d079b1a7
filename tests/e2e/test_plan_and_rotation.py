"""A plan before a deployment, drift after somebody's hand, and keys that change under a pipeline at work."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from laptop.testing.waiting import eventually
from tests.e2e.conftest import Laptop

STACK = "clickstream-local"


def test_plan_drift_and_both_rotations(laptop: Laptop) -> None:
    laptop.run("up")
    assembly = ("--assembly", str(laptop.state / "up" / "cdk.out"))

    plan = json.loads(laptop.run("plan", *assembly, "--json"))
    assert plan["steps"] == [], "what was just deployed needs no statement"
    live = json.loads(laptop.run("plan", *assembly, "--live", "--json"))
    assert (live["steps"], live["drift"]) == ([], [])
    laptop.run("query", "ALTER FILE FORMAT CLICK_EVENTS_JSON SET STRIP_OUTER_ARRAY = FALSE")
    drifted = laptop.run("plan", *assembly, "--live", code=3)
    assert 'ALTER FILE FORMAT "CLICKSTREAM"."RAW"."CLICK_EVENTS_JSON" SET' in drifted
    laptop.run("query", "ALTER FILE FORMAT CLICK_EVENTS_JSON SET STRIP_OUTER_ARRAY = TRUE")

    laptop.run("rotate-login", "--dry-run")
    rotated = [json.loads(laptop.run("rotate-login", "--json")) for _ in range(2)]
    assert [one["slot"] for one in rotated] == ["RSA_PUBLIC_KEY_2", "RSA_PUBLIC_KEY"]
    watcher = json.loads(laptop.run("rotate-login", "--login", "monitor", "--json"))
    assert (watcher["user"], watcher["slot"]) == ("CLICKSTREAM_MONITOR", "RSA_PUBLIC_KEY_2")

    assert "access_key_serial = 1" in laptop.run("rotate-access-key", code=3)
    laptop.run("send", "--count", "100")
    update(laptop, "Access", raise_serial)
    assert len(access_keys(laptop)) == 2, "the key that the environment still has is left alive"
    assert "is deployed with serial 0" in laptop.run("rotate-access-key", code=3)
    update(laptop, "Landing", raise_serial)  # the Lambda logs in with the rotated key
    laptop.run("send", "--count", "100")
    laptop.run("rotate-access-key")
    assert len(access_keys(laptop)) == 1
    laptop.run("send", "--count", "100")
    eventually(lambda: rows(laptop) == 300, within=60)
    assert json.loads(laptop.run("plan", "--live", *assembly, "--json"))["drift"] == []


def raise_serial(template: dict[str, Any]) -> None:
    """What `access_key_serial = 1` does to the templates."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::IAM::AccessKey":
            resource["Properties"]["Serial"] = 1
        if resource["Type"] == "Custom::SnowflakeStage":
            resource["Properties"]["CredentialsSerial"] = "1"


def update(laptop: Laptop, stack: str, change: Callable[[dict[str, Any]], None]) -> None:
    cloudformation, name = laptop.client("cloudformation"), f"{STACK}-{stack}"
    template = json.loads((laptop.state / "up" / "cdk.out" / f"{name}.template.json").read_text())
    change(template)
    cloudformation.update_stack(
        StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    waiter = cloudformation.get_waiter("stack_update_complete")
    waiter.wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})


def access_keys(laptop: Laptop) -> list[Any]:
    listed = laptop.client("iam").list_access_keys(UserName=f"{STACK}-snowpipe")
    return list(listed["AccessKeyMetadata"])


def rows(laptop: Laptop) -> int:
    (row,) = laptop.query("SELECT COUNT(*) AS n FROM click_events WHERE NOT STARTSWITH(event_type, '_')")
    return int(row["N"])
