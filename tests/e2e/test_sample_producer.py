"""The sample producer's stack on the laptop, and what its instance would do there: boot, send, say so."""

from __future__ import annotations

import json
import time
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3

from laptop.testing.waiting import eventually
from tests.e2e.conftest import ROOT, Laptop
from tests.e2e.instance import booted

ON = "\n[sample_producer]\nenabled = true\nevents_per_second = 40\n"
STACK = "clickstream-local-Producer"


def client(service: str, settings: Mapping[str, str]) -> Any:
    return boto3.client(
        service,
        endpoint_url=settings["AWS_ENDPOINT_URL"],
        region_name=settings["AWS_REGION"],
        aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
    )


def user_data(settings: Mapping[str, str]) -> str:
    """What AWS would hand to the instance that the group starts."""
    (group,) = client("autoscaling", settings).describe_auto_scaling_groups(
        AutoScalingGroupNames=["clickstream-local-sample-producer"]
    )["AutoScalingGroups"]
    versions = client("ec2", settings).describe_launch_template_versions(
        LaunchTemplateId=group["LaunchTemplate"]["LaunchTemplateId"]
    )["LaunchTemplateVersions"]
    return b64decode(versions[-1]["LaunchTemplateData"]["UserData"]).decode()


def ship(line: str, settings: Mapping[str, str]) -> None:
    """What the agent on the instance does with a line of the producer's log."""
    logs = client("logs", settings)
    (filtered,) = logs.describe_metric_filters(metricName="SentEvents", metricNamespace="Clickstream")[
        "metricFilters"
    ]
    group = filtered["logGroupName"]
    logs.create_log_stream(logGroupName=group, logStreamName="i-1/producer")
    event = {"timestamp": int(time.time() * 1000), "message": line}
    logs.put_log_events(logGroupName=group, logStreamName="i-1/producer", logEvents=[event])


def sent_events(settings: Mapping[str, str]) -> float:
    """The metric, summed over the last minutes."""
    now = datetime.now(UTC)
    dimensions = {"Deployment": "clickstream-local", "Events": "clicks"}
    points = client("cloudwatch", settings).get_metric_statistics(
        Namespace="Clickstream",
        MetricName="SentEvents",
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    return float(sum(point["Sum"] for point in points))


def test_its_instance_sends_until_its_stack_is_taken_away(laptop: Laptop, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "local.toml").write_text((ROOT / "config" / "local.toml").read_text() + ON)
    laptop = replace(laptop, config=config)
    laptop.run("up")
    settings = laptop.settings()
    script = user_data(settings)

    with booted(
        tmp_path / "refused", script.replace("clickstream-local-events", "absent"), settings, nap=0.2
    ) as refused:
        assert refused.exit_code == 1
        assert refused.signal.endswith("-e 1\n"), "the deployment fails"
        assert "check the name, the region and that the stack is deployed" in refused.console

    with booted(tmp_path / "instance", script, settings) as instance:
        assert (instance.exit_code, instance.signal.endswith("-e 0\n")) == (0, True), instance.console
        line = json.loads(instance.log.splitlines()[0])
        assert (line["deployment"], line["events"], line["failed"]) == ("clickstream-local", "clicks", 0)
        ship(instance.log.splitlines()[0], settings)
        eventually(lambda: sent_events(settings) == line["sent"], within=60)
        eventually(lambda: laptop.query("SELECT COUNT(*) AS n FROM click_events")[0]["N"] > 100, within=60)

    destroyed = laptop.cdk("destroy", "--force", STACK, "--context", "env=local")
    assert destroyed.returncode == 0, destroyed.stdout + destroyed.stderr
    stacks = client("cloudformation", settings).describe_stacks()["Stacks"]
    left = {stack["StackName"] for stack in stacks if stack["StackStatus"] != "DELETE_COMPLETE"}
    assert STACK not in left
    assert {f"clickstream-local-{name}" for name in ("Streaming", "Landing", "Ops")} <= left
